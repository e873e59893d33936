// Asks the exported model the held-out questions through llama.cpp, greedily, and writes evaluation.json.
//
//   node evaluate.mjs                          accuracy on dev and test
//   node evaluate.mjs --set dev --show         the wrong answers of one set
//   node evaluate.mjs --reference FILE         compares tokens and answers with those of the Python model

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { getLlama } from 'node-llama-cpp'
import { Template } from '@huggingface/jinja'

const here = (path) => new URL(path, import.meta.url)
const read = (path) => JSON.parse(readFileSync(path, 'utf8'))
const ENOUGH = 0.85
const LONGEST = 96

const { values: options } = parseArgs({
  options: {
    set: { type: 'string', multiple: true },
    show: { type: 'boolean', default: false },
    reference: { type: 'string' },
    model: { type: 'string', default: here('../../resources/models/skein-tiny-q8_0.gguf').pathname }
  }
})

// One thread: two that wait for each other are far slower as soon as another program wants a core.
const llama = await getLlama({ gpu: false, logLevel: 'error', build: 'never', maxThreads: 1 })
const model = await llama.loadModel({ modelPath: options.model })
const context = await model.createContext({ contextSize: 2048, threads: 1 })
const sequence = context.getSequence()
const template = new Template(model.fileInfo.metadata.tokenizer.chat_template)

function promptOf(messages) {
  return [
    model.tokens.bos,
    ...model.tokenize(template.render({ messages, add_generation_prompt: true }), true)
  ]
}

/** The greedy answer, and whether the model itself ended it. */
async function answer(messages) {
  await sequence.clearHistory()
  const tokens = []
  for await (const token of sequence.evaluate(promptOf(messages), {
    temperature: 0,
    yieldEogToken: true
  })) {
    if (model.isEogToken(token)) return { text: model.detokenize(tokens), ended: true }
    tokens.push(token)
    if (tokens.length === LONGEST) break
  }
  return { text: model.detokenize(tokens), ended: false }
}

const ask = (question) => answer([{ role: 'user', content: question }])

/** Words as corpus.py's plain() sees them. */
function words(text) {
  return text
    .toLowerCase()
    .replaceAll('-', ' ')
    .replaceAll(/[^a-z0-9 ]+/g, '')
    .split(/\s+/)
    .filter(Boolean)
}

/** F1 of the words of two texts, as in score.py. */
function overlap(a, b) {
  const left = words(a)
  const right = words(b)
  const rest = new Map()
  for (const word of right) rest.set(word, (rest.get(word) ?? 0) + 1)
  let shared = 0
  for (const word of left) {
    const count = rest.get(word) ?? 0
    if (count > 0) shared++
    rest.set(word, count - 1)
  }
  return (2 * shared) / Math.max(1, left.length + right.length)
}

function acceptedAnswers() {
  const answers = {}
  for (const file of readdirSync(here('corpus'))) {
    if (!file.endsWith('.json') || file === 'follow-ups.json') continue
    for (const intent of read(here(`corpus/${file}`))) {
      answers[intent.id] = [...(answers[intent.id] ?? []), ...intent.answers]
    }
  }
  return answers
}

async function evaluate(name, answers) {
  const items = read(here(`corpus/held-out/${name}.json`))
  const result = { questions: items.length, right: 0, exact: 0, ended: 0 }
  for (const { intent, phrasing } of items) {
    const { text, ended } = await ask(phrasing)
    const right = answers[intent].some((accepted) => overlap(text, accepted) >= ENOUGH)
    result.right += right
    result.exact += answers[intent].includes(text)
    result.ended += ended
    if (!right && options.show) console.log(`${intent} | ${phrasing} | ${text}`)
  }
  result.accuracy = Number((result.right / items.length).toFixed(4))
  console.log(name, result)
  return result
}

async function compare(file) {
  const { texts, dialogues } = read(file)
  const differing = texts.filter(
    ({ text, tokens }) => String(model.tokenize(text)) !== String(tokens)
  )
  for (const { text, tokens } of differing.slice(0, 5))
    console.log({ text, python: tokens, llama: model.tokenize(text) })
  let samePrompts = 0
  let sameAnswers = 0
  for (const { messages, prompt, answer: expected } of dialogues) {
    samePrompts += String(promptOf(messages)) === String(prompt)
    const { text } = await answer(messages)
    sameAnswers += text === expected
    if (text !== expected && options.show) console.log({ python: expected, llama: text })
  }
  console.log(`texts tokenised the same: ${texts.length - differing.length} of ${texts.length}`)
  console.log(`prompts tokenised the same: ${samePrompts} of ${dialogues.length}`)
  console.log(`greedy answers the same: ${sameAnswers} of ${dialogues.length}`)
}

if (options.reference) {
  await compare(options.reference)
} else {
  const answers = acceptedAnswers()
  const report = {}
  for (const name of options.set ?? ['dev', 'test']) report[name] = await evaluate(name, answers)
  if (!options.set) writeFileSync(here('evaluation.json'), `${JSON.stringify(report, null, 2)}\n`)
}
await llama.dispose()
