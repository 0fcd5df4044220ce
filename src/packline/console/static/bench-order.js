// One order on the bench: which question comes next, what an answer means, and the packages that come of it.

const AMOUNT = /^\d{1,9}([.,]\d{1,2})?$/;
const SIZE = /^(\d+(?:[.,]\d+)?)[x×*](\d+(?:[.,]\d+)?)[x×*](\d+(?:[.,]\d+)?)(?:[x×*/ ](\d+(?:[.,]\d+)?))?$/i;
const number = (text) => Number(text.replace(",", "."));

// All units are in. Amazon's own split is taken where the packer made no boxes of his own and it covers everything.
export function completed(order) {
  const advised = order.boxes_advised;
  order.answered = [];
  const split = advised.filter((box) => Object.keys(box.lines).length);
  if (!order.by_hand && split.length > 1) {
    order.boxes = split.map((box) => ({ ...box, hazmat: [] }));
    return;
  }
  order.boxes = order.boxes.filter((box) => Object.keys(box.lines).length);
  order.at = order.boxes.length - 1;
  if (order.boxes.length === advised.length) order.boxes = order.boxes.map((box, n) => ({ ...advised[n], lines: box.lines, hazmat: [] }));
}

// The one question that is open; null where units are still to be scanned.
export function next(order, w, boxName, size) {
  if (order.lines.some((line) => line.in < line.units)) return null;
  for (const line of order.lines) {
    const [sku, asked] = [line.title || line.sku, line.asked];
    if (line.needs_country && !line.country && !asked.country) return { kind: "country", line, ask: w("country", { sku }), hint: w("country_hint") };
    if (line.needs_value && !asked.value) return { kind: "value", line, ask: w("value", { sku, currency: line.currency }), hint: w("value_hint") };
    if (line.multi_piece && !asked.pieces) return { kind: "pieces", line, ask: w("pieces", { sku }), hint: w("pieces_hint") };
    if (line.gift_wrap && !asked.gift_wrap) return { kind: "gift_wrap", line, ask: w("gift_wrap", { sku }), hint: w("gift_hint") };
    if (line.gift_message && !asked.gift_message) return { kind: "gift_message", line, ask: w("gift_message", { sku }), hint: w("gift_hint") };
  }
  for (const [n, box] of order.boxes.entries()) {
    order.at = n;
    const needs = order.lines.some((line) => line.needs_hazmat && box.lines[line.id]);
    if (needs && !box.hazmat.length) return { kind: "hazmat", box, ask: w("hazmat", { box: boxName(n) }), hint: w("hazmat_hint") };
    if (!box.measured) {
      const known = size(box);
      return { kind: "box", box, ask: w("box", { box: boxName(n) }) + (known ? `: ${known}` : ""), hint: w(known ? "box_hint" : "box_unknown") };
    }
  }
  return { kind: "ready", ask: w("ready"), hint: w("ready_hint") };
}

// Take an answer; gives a refusal as [name of the text, values], or nothing.
export function take(prompt, code, order) {
  const said = TAKES[prompt.kind](prompt, code);
  if (said) return said;
  order.answered.push(prompt);
}

const bad = (code) => ["not_number", { code }];

const TAKES = {
  country: (prompt, code) => {
    if (!/^[a-z]{2}$/i.test(code)) return bad(code);
    prompt.line.asked.country = code.toUpperCase();
    prompt.undo = () => delete prompt.line.asked.country;
  },
  value: (prompt, code) => {
    if (!AMOUNT.test(code)) return bad(code);
    prompt.line.asked.value = code.replace(",", ".");
    prompt.undo = () => delete prompt.line.asked.value;
  },
  pieces: (prompt, code) => {
    if (code && !/^[1-9]\d{0,2}$/.test(code)) return bad(code);
    prompt.line.asked.pieces = Number(code || 1);
    prompt.undo = () => delete prompt.line.asked.pieces;
  },
  gift_wrap: (prompt, code) => done(prompt, code, "gift_wrap"),
  gift_message: (prompt, code) => done(prompt, code, "gift_message"),
  hazmat: (prompt, code) => {
    if (!code) return bad(code);
    prompt.box.hazmat.push(code);
    prompt.undo = () => prompt.box.hazmat.pop();
  },
  box: (prompt, code) => {
    const before = { ...prompt.box };
    const found = code.replace(/\s+/g, "").match(SIZE);
    if (found) {
      [prompt.box.length_cm, prompt.box.width_cm, prompt.box.height_cm] = found.slice(1, 4).map(number);
      if (found[4]) prompt.box.weight_g = number(found[4]);
    } else if (/^\d{1,6}([.,]\d+)?$/.test(code)) prompt.box.weight_g = number(code);
    else if (code) return bad(code);
    if (!(prompt.box.length_cm && prompt.box.weight_g)) return ["box_unknown", {}];
    prompt.box.measured = true;
    prompt.undo = () => Object.assign(prompt.box, { measured: false, ...before });
  },
};

function done(prompt, code, name) {
  if (code) return ["wrong_unit", { code }];
  prompt.line.asked[name] = true;
  prompt.undo = () => delete prompt.line.asked[name];
}

// The packages as the desk takes them (commands/pack.py, PackageRequest).
export function packages(order) {
  const serials = Object.fromEntries(order.lines.map((line) => [line.id, line.scanned.map((unit) => ({ ...unit }))]));
  return order.boxes.map((box, n) => ({
    box: { length_cm: box.length_cm, width_cm: box.width_cm, height_cm: box.height_cm, weight_g: box.weight_g },
    hazmat_labels: box.hazmat,
    lines: Object.entries(box.lines).map(([id, quantity]) => {
      const line = order.lines.find((one) => one.id === id);
      const own = serials[id].filter((unit) => unit.box === n);
      const rest = serials[id].filter((unit) => unit.box !== n);
      const taken = (order.by_hand ? own : [...own, ...rest]).slice(0, quantity);
      serials[id] = serials[id].filter((unit) => !taken.includes(unit));
      const made = { line_id: id, quantity, serial_numbers: taken.map((unit) => unit.serial) };
      if (line.needs_country) made.country_of_origin = line.asked.country || line.country;
      if (line.needs_value) made.item_value = { amount: line.asked.value, currency: line.currency };
      if (line.multi_piece) made.pieces = line.asked.pieces;
      return made;
    }),
  }));
}
