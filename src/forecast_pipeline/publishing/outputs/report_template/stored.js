// ---- stored items --------------------------------------------------------------------------------------------
// The compact form that report/blocks.py writes: zlib's stream in base64, numbers as the bytes of small integers.

const UNKNOWN = 65535;
const opened = new Map();

async function unzipped(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const textOf = (bytes) => new TextDecoder().decode(bytes);
const unpacked = async (text) => JSON.parse(textOf(await unzipped(text)));

/** The head of a block, and its bytes behind it. */
async function block(text) {
  const bytes = await unzipped(text);
  const length = new DataView(bytes.buffer).getUint32(0, true);
  return [JSON.parse(textOf(bytes.subarray(4, 4 + length))), bytes.subarray(4 + length)];
}

/** The integer at a place of `count`, whose low bytes stand together before their high ones. */
const integerAt = (bytes, begin, count, place) => bytes[begin + place] + 256 * bytes[begin + count + place];

/** All items of all parts, the largest first. */
async function storedItems() {
  const parts = await Promise.all(data.parts.map(itemsOfPart));
  return parts.flat().sort((one, other) => other.volume - one.volume || (one.name < other.name ? -1 : 1));
}

async function itemsOfPart(part, number) {
  const [names, bytes] = await block(part.index);
  const count = names.length;
  const volume = new DataView(new ArrayBuffer(4));
  const figure = (which, row) => {
    const stored = integerAt(bytes, (4 + 2 * which) * count, count, row);
    return stored === UNKNOWN ? null : stored / 1000;
  };
  return names.map((name, row) => {
    for (let plane = 0; plane < 4; plane += 1) volume.setUint8(plane, bytes[plane * count + row]);
    return {
      name: data.itemName || name, part: number, row, volume: volume.getFloat32(0, true),
      wape: figure(0, row), naiveWape: figure(1, row), surprise: figure(2, row), truthWape: figure(3, row),
    };
  });
}

/** What the chart draws of an item: everything, or forecast and a short history; null where the page has no lines of it. */
async function linesOfItem({ part, row }) {
  const { details, lines } = data.parts[part];
  const among = async (kind) => (await openedBlock(part, kind, row))[row % data.blocks[kind]];
  const whole = row < details.length * data.blocks.details ? await among("details") : undefined;
  if (whole) return { ...whole, isWhole: true };
  return row < lines.length * data.blocks.lines ? (await among("lines")) || null : null;
}

function openedBlock(part, kind, row) {
  const number = Math.floor(row / data.blocks[kind]);
  const name = `${part} ${kind} ${number}`;
  if (!opened.has(name)) {
    const text = data.parts[part][kind][number];
    opened.set(name, kind === "details" ? unpacked(text) : block(text).then(linesOfBlock));
  }
  return opened.get(name);
}

function linesOfBlock([notes, bytes]) {
  const past = data.shortHistory;
  const steps = data.times.length - data.forecastStart;
  const edges = data.bandShare === null ? [] : ["low", "high"];
  const width = past + (1 + edges.length) * steps;
  const count = Math.floor(bytes.length / (4 + 2.125 * width));
  const scales = new DataView(bytes.buffer, bytes.byteOffset);
  const mask = 4 * count;
  const begin = mask + Math.ceil((count * width) / 8);
  const missing = new Array(data.historyLength - past).fill(null);
  return Array.from({ length: count }, (_, row) => {
    const scale = scales.getFloat32(4 * row, true);
    const read = (from, length, base) => {
      let sum = 0;
      return Array.from({ length }, (__, place) => {
        const at = row * width + from + place;
        const stored = integerAt(bytes, begin, count * width, at);
        sum = ((sum + ((stored >> 1) ^ -(stored & 1))) << 16) >> 16;
        const isUnknown = (bytes[mask + (at >> 3)] >> (7 - (at & 7))) & 1;
        return { steps: base ? base[place].steps + sum : sum, isUnknown };
      });
    };
    const values = (cells) => cells.map((cell) => (cell.isUnknown ? null : cell.steps * scale));
    const both = read(0, past + steps, null);
    const line = both.slice(past);
    const forecast = { line: values(line) };
    edges.forEach((name, place) => {
      forecast[name] = values(read(past + (1 + place) * steps, steps, line));
    });
    return { history: [...missing, ...values(both.slice(0, past))], forecast, backtests: [], note: notes[row] || "" };
  });
}
