"""Questions that the tiny model cannot answer, made from templates: the world is large, and all of it is beyond."""

PLACES = "france japan brazil canada egypt india italy spain norway poland china kenya peru chile greece turkey iran " \
    "mexico cuba vietnam texas london paris berlin tokyo rome madrid moscow vienna sydney africa asia europe mars".split()
PEOPLE = ["einstein", "napoleon", "mozart", "shakespeare", "newton", "picasso", "gandhi", "darwin", "beethoven", "messi",
    "taylor swift", "elon musk", "the king of england", "the pope", "the president", "aristotle", "marie curie", "tesla",
    "steve jobs", "bill gates", "julius caesar", "the mayor of new york", "ronaldo", "harry potter", "batman", "obama"]
THINGS = ["the moon", "a black hole", "a cat", "a dog", "a whale", "gold", "iron", "dna", "an atom", "a volcano",
    "the ocean", "inflation", "the stock market", "bitcoin", "philosophy", "love", "a guitar", "a piano", "football",
    "chess", "basketball", "tennis", "bread", "pizza", "coffee", "tea", "wine", "cheese", "chocolate", "a car", "a train",
    "a plane", "a bicycle", "the sun", "gravity", "electricity", "photosynthesis", "a verb", "the liver", "the heart",
    "cancer", "the flu", "a headache", "vitamin c", "democracy", "capitalism", "the brain", "a dinosaur", "a robot",
    "a rainbow", "climate change", "a tax return", "a mortgage", "yoga", "jazz", "opera", "oxygen", "a virus", "a poem"]
TOPICS = ["love", "my cat", "summer", "the sea", "a dragon", "war", "friendship", "winter", "space travel", "my boss",
    "dogs", "the rain", "a knight", "a lonely robot", "pirates", "history", "climate", "music", "my mother", "a birthday"]
WORKS = ["poem", "story", "song", "essay", "letter", "joke", "haiku", "speech", "email", "cover letter", "blog post",
    "summary", "novel", "rap", "limerick", "tweet", "script", "play", "report", "article", "toast", "slogan"]
LANGUAGES = "french german spanish italian latin japanese chinese russian arabic polish dutch korean greek turkish".split()
CODE = "python java javascript rust go c++ sql html css bash typescript php ruby kotlin swift".split()
PROGRAMS = ["a function that sorts numbers", "a loop", "a web server", "a calculator", "a game", "a script to rename files",
    "a parser", "a class for a bank account", "binary search", "a hello world", "a unit test", "a login page", "a query"]
DISHES = ["pizza", "pasta", "bread", "rice", "soup", "pancakes", "a cake", "an omelette", "curry", "sushi", "a steak",
    "potatoes", "a salad", "cookies", "lasagne", "tacos", "eggs", "fish", "chicken", "apple pie"]
CHORES = ["tie a tie", "lose weight", "learn to swim", "fix my car", "get a job", "grow tomatoes", "clean a carpet", "sleep better",
    "play the guitar", "find a girlfriend", "train my dog", "save money", "learn french", "paint a wall", "change a tyre",
    "remove a stain", "study for an exam", "get rich", "buy a house", "make friends", "fold a paper plane", "run faster",
    "write a resume", "quit smoking", "repair a bike", "fly a drone", "knit a scarf", "build a shed", "iron a shirt"]
FACTS = ["capital", "population", "president", "king", "currency", "flag", "language", "history", "weather", "climate", "area"]
SPORTS = ["the world cup", "the super bowl", "the election", "the match yesterday", "the olympics", "the oscar", "the race"]
SUBJECTS = ["mathematics", "physics", "chemistry", "biology", "history", "geography", "economics", "law", "psychology", "music",
    "astronomy", "art", "religion", "politics", "sport", "cooking", "medicine", "poetry", "grammar", "fashion"]
WORDS = "cat house tree love water friend good morning dog sun bread book river night happy school".split()
COUNTED = ["people live in", "countries are in", "rivers are in", "cities are in", "islands belong to", "lakes are in"]
BODY = ["knee", "back", "head", "tooth", "stomach", "neck", "eye", "ear", "foot", "shoulder", "throat", "arm"]
MOVES = "run swim walk sleep sit eat cough jump bend dance breathe".split()
MOST = "tallest highest longest biggest smallest oldest deepest fastest richest coldest heaviest".split()
KINDS = "mountain river building animal city lake country tree person ocean desert bird bridge tower island".split()
NTH = "first second third fourth last".split()
STAINS = ["a wine stain", "coffee", "blood", "grease", "ink", "chewing gum", "a grass stain", "tomato sauce"]
CLOTHS = ["a shirt", "the sofa", "jeans", "a carpet", "silk", "wool", "a white dress", "the table cloth"]
UNITS = "miles meters pounds kilograms litres ounces inches feet hours minutes days cups euros dollars".split()
BUYS = ["phone", "car", "tv", "camera", "bike", "guitar", "mattress", "watch", "book", "movie", "film", "restaurant", "hotel"]

TEMPLATES = [
    "what is the {fact} of {place}", "{fact} of {place}", "tell me the {fact} of {place}", "who is {person}",
    "who was {person}", "when was {person} born", "how old is {person}", "tell me about {person}", "where is {place}",
    "how many {counted} {place}", "what is {thing}", "how does {thing} work", "explain {thing}", "tell me about {thing}",
    "what is the meaning of {thing}", "who invented {thing}", "why is {thing} important", "what do you think about {thing}",
    "write a {work} about {topic}", "write me a {work} about {topic}", "write a {work}", "compose a {work} on {topic}",
    "can you write a {work} for {topic}", "make up a {work} about {topic}", "tell me a {work} about {topic}",
    "write {program} in {code}", "how do i write {program} in {code}", "what is {code}", "fix my {code} code",
    "teach me {code}", "code {program}", "why does my {code} program crash", "how do i cook {dish}", "recipe for {dish}",
    "how long do i boil {dish}", "what goes well with {dish}", "how do i make {dish}", "how do i {chore}",
    "how can i {chore}", "what is the best way to {chore}", "help me {chore}", "tips to {chore}", "who won {sport}",
    "when is {sport}", "what is the score of {sport}", "translate {word} to {language}", "how do you say {word} in {language}",
    "what is {word} in {language}", "translate this into {language}", "do you speak {language}", "what is {n} plus {m}",
    "what is {n} times {m}", "{n} + {m}", "{n} * {m}", "{n} minus {m}", "{n} divided by {m}", "how much is {n} x {m}",
    "calculate {n} percent of {m}", "what is the square root of {n}", "is {n} a prime number", "explain {subject}",
    "teach me {subject}", "help me with my {subject} homework", "what is {subject}", "give me a quiz about {subject}",
    "weather in {place}", "will it rain in {place} tomorrow", "what time is it in {place}", "flights to {place}",
    "plan a trip to {place}", "best hotels in {place}", "is {place} worth a visit", "news from {place}",
    "which {buy} should i buy", "recommend a {buy}", "what is the best {buy}", "what is a good {buy} in {place}",
    "how far is {place} from {other}", "is {place} bigger than {other}", "compare {place} and {other}",
    "what is the difference between {thing} and {thing2}", "why do people like {thing}", "is {thing} healthy",
    "how heavy is {thing}", "what colour is {thing}", "where does {thing} come from", "how much does {thing} cost",
    "summarize the {work} about {topic}", "list ten facts about {thing}", "who wrote the {work} about {topic}",
    "what year did {person} die", "is {person} still alive", "who is richer, {person} or {person2}", "what is a {word}",
    "my {word} is ill, what should i do", "should i marry {person}", "spell {word}", "what rhymes with {word}",
    "my {body} hurts", "my {body} hurts when i {move}", "what helps against pain in the {body}", "i hurt my {body}",
    "is it bad to {move} every day", "who plays {person} in the film", "which film has {person} in it", "where does {person} live",
    "how tall is {person}", "what is the {most} {kind} on earth", "what is the {most} {kind} in {place}", "{most} {kind} in the world",
    "name the {most} {kind}", "who was the {nth} person on the moon", "who was the {nth} president of {place}",
    "could you translate this {work} into {language}", "please translate a {work} to {language}", "a {work} for {topic} please",
    "write a short {work} for {person}", "will it be sunny in {place} on sunday", "how warm is {place} in july",
    "which shares should i buy", "should i invest in {thing}", "what is {n} in roman numerals", "half of {n}",
    "how do i get {stain} out of {cloth}", "remove {stain} from {cloth}", "how do i wash {cloth}", "i need a recipe for {dish}",
    "what can i bake for {topic}", "how do i write {program}", "explain this {code} error", "what does this {code} line do",
    "what {fact} does {place} have", "when did {place} win {sport}", "i have to learn {subject} by tomorrow", "solve my {subject} task",
    "can you help me with {subject}", "which {buy} is better", "how many {unit} are in {n} {unit2}", "convert {n} {unit} to {unit2}",
    "what shall i give {person} for a birthday", "plan my week", "what should i wear in {place}", "is {thing} dangerous",
    "give me a {work} idea", "what happened to {person}", "how do i say sorry to {person}", "why is {place} famous",
]


def out_of_scope_question(rng):
    """One question, in lower case."""
    return rng.choice(TEMPLATES).format(
        place=rng.choice(PLACES), other=rng.choice(PLACES), person=rng.choice(PEOPLE), person2=rng.choice(PEOPLE),
        thing=rng.choice(THINGS), thing2=rng.choice(THINGS), topic=rng.choice(TOPICS), work=rng.choice(WORKS),
        language=rng.choice(LANGUAGES), code=rng.choice(CODE), program=rng.choice(PROGRAMS), dish=rng.choice(DISHES),
        chore=rng.choice(CHORES), fact=rng.choice(FACTS), sport=rng.choice(SPORTS), subject=rng.choice(SUBJECTS),
        word=rng.choice(WORDS), counted=rng.choice(COUNTED), body=rng.choice(BODY), move=rng.choice(MOVES), most=rng.choice(MOST),
        kind=rng.choice(KINDS), nth=rng.choice(NTH), stain=rng.choice(STAINS), cloth=rng.choice(CLOTHS), unit=rng.choice(UNITS),
        unit2=rng.choice(UNITS), buy=rng.choice(BUYS), n=rng.randrange(1, 1000),
        m=rng.randrange(1, 100),
    )  # fmt: skip


def out_of_scope_questions(count, rng):
    return [out_of_scope_question(rng) for _ in range(count)]
