/** Results that have no answer, or a hard one: each is its own request's problem, and the next on the same API is 200. */
import { expect, test } from 'vitest';
import { type Serving, serve } from '../runtime/serve';
import { handler } from '../runtime/worker/handlers';

const HANDLER = `
import collections, decimal, fractions, math, threading

def boom(*args, **kwargs):
    raise RuntimeError("looked at")

class Raising:
    __str__ = __repr__ = __iter__ = __len__ = __eq__ = __bool__ = __getitem__ = __float__ = __int__ = boom

class Attributes:
    def __getattr__(self, name):
        raise RuntimeError("looked at")

class List(list):
    __len__ = __iter__ = __getitem__ = boom

class Dict(dict):
    __len__ = __iter__ = items = keys = __getitem__ = boom

class Text(str):
    __str__ = __repr__ = __len__ = encode = boom

class Endless:
    def tolist(self):
        return [Endless()]

class Shrinks(list):
    def __iter__(self):
        self.clear()
        return iter([])

def cyclic():
    found = {"a": []}
    found["a"].append(found)
    return found

def nested():
    found = []
    for _ in range(200_000):
        found = [found]
    return found

RESULTS = {
    "nan": lambda: {"deep": [1, math.nan]},
    "infinity": lambda: -math.inf,
    "a set of sets": lambda: {frozenset({1}), frozenset()},
    "a set of unlike things": lambda: {1, "a", None},
    "a cycle": cyclic,
    "nesting without end": nested,
    "an int of 400 digits": lambda: 10**400,
    "an int of a million digits": lambda: {"n": 1 << 3_400_000},
    "a lone surrogate": lambda: "\\ud800",
    "a lone surrogate as a key": lambda: {"\\udfff": 1},
    "raises when looked at": Raising,
    "raises for any attribute": Attributes,
    "a list that raises": lambda: List([1]),
    "a dict that raises": lambda: Dict(a=1),
    "a text that raises": lambda: Text("a"),
    "a key of a wrong kind": lambda: {(1, 2): 3},
    "a key that raises": lambda: {Raising: 1},
    "never ends becoming JSON": Endless,
    "changes while it is read": lambda: Shrinks([1, 2, 3]),
    "a function": lambda: print,
    "a lock": threading.Lock,
    "an exception": lambda: ValueError("x"),
    "a class": lambda: Raising,
    "a complex number": lambda: 1j,
    "a fraction": lambda: fractions.Fraction(1, 3),
    "a decimal that is none": lambda: decimal.Decimal("NaN"),
    "NotImplemented": lambda: NotImplemented,
    "an iterator": lambda: iter([1]),
    "an endless mapping": lambda: collections.ChainMap({"a": collections.ChainMap()}),
    "300 MB": lambda: "x" * 300_000_000,
}

def predict(what: str = ""):
    print(f"asked for {what}")
    return RESULTS[what]() if what else "fine"
`;

let api: Serving;

async function next(): Promise<void> {
  expect(await api.post({})).toMatchObject({ status: 200, json: 'fine' });
  expect(api.events('worker_lost')).toEqual([]);
}

/** The code, and a part of what the caller is told. */
const REFUSED: [what: string, code: string, detail: string][] = [
  ['nan', 'invalid_result', '$.deep[1] is nan'],
  ['infinity', 'invalid_result', '$ is -inf'],
  ['a cycle', 'invalid_result', '$.a[0] contains itself'],
  ['nesting without end', 'invalid_result', 'nested too deeply'],
  ['an int of a million digits', 'invalid_result', '$.n is an integer that has too many digits'],
  ['raises when looked at', 'invalid_result', 'Raising'],
  ['raises for any attribute', 'handler_error', ''],
  ['a key of a wrong kind', 'invalid_result', 'keys must be'],
  ['a key that raises', 'invalid_result', 'keys must be'],
  ['never ends becoming JSON', 'invalid_result', ''],
  ['a function', 'invalid_result', 'of type builtin_function_or_method'],
  ['a lock', 'invalid_result', 'of type lock'],
  ['an exception', 'invalid_result', 'of type ValueError'],
  ['a class', 'invalid_result', 'of type type'],
  ['a complex number', 'invalid_result', 'of type complex'],
  ['a fraction', 'invalid_result', 'of type Fraction'],
  ['NotImplemented', 'invalid_result', 'of type NotImplementedType'],
  ['300 MB', 'invalid_result', '300000002 bytes'],
];

const ANSWERED: [what: string, text: RegExp][] = [
  ['a set of sets', /^\[\[1\],\[\]\]$|^\[\[\],\[1\]\]$/],
  ['a set of unlike things', /^\[(1|"a"|null),(1|"a"|null),(1|"a"|null)\]$/],
  ['an int of 400 digits', /^10{400}$/],
  ['a lone surrogate', /^"\\ud800"$/],
  ['a lone surrogate as a key', /^\{"\\udfff":1\}$/],
  ['a decimal that is none', /^"NaN"$/],
  ['an endless mapping', /^\{"a":\{\}\}$/],
];

test('results that are refused: which code, and what is said of them', async () => {
  api = await serve({ handler: handler(HANDLER) });
  for (const [what, code, detail] of REFUSED) {
    const reply = await api.post({ what });
    expect([what, reply.status, reply.json.code]).toEqual([what, 500, code]);
    expect(reply.json.detail, what).toContain(detail);
    await next();
  }
});

test('results that are answered, though they look as if they could not be', async () => {
  api = await serve({ handler: handler(HANDLER) });
  for (const [what, text] of ANSWERED) {
    const reply = await api.post({ what });
    expect([what, reply.status]).toEqual([what, 200]);
    expect(reply.text).toMatch(text);
    await next();
  }
});

test('results whose class lies about itself are answered or refused, and hurt nobody', async () => {
  api = await serve({ handler: handler(HANDLER) });
  const liars = ['a list that raises', 'a dict that raises', 'a text that raises', 'changes while it is read'];
  for (const what of [...liars, 'an iterator']) {
    const { status, json } = await api.post({ what });
    if (status !== 200) expect(json).toMatchObject({ code: expect.stringMatching(/^(handler_error|invalid_result)$/) });
    await next();
  }
});
