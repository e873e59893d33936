"""More ways to ask, as patterns: `{stop|pause} it {now|}` stands for four phrasings.

A file in phrasebook/ holds `# intent` headings, each followed by its patterns.
"""

import re
from pathlib import Path

ROOT = Path(__file__).parent / "phrasebook"
CHOICE = re.compile(r"\{([^{}]*)\}")


def load_phrasebook():
    """Patterns by intent."""
    patterns, current = {}, None
    for path in sorted(ROOT.glob("*.txt")):
        for line in filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines())):
            if line.startswith("# "):
                current = patterns.setdefault(line[2:], [])
            else:
                current.append(line)
    return patterns


def expand(pattern, rng):
    text = CHOICE.sub(lambda m: rng.choice(m[1].split("|")), pattern)
    return re.sub(r" +([,?!.]|$)", r"\1", " ".join(text.split()))
