/** A box to place. */
export interface Box {
  readonly width: number;
  /** Row from the top; every edge goes down, to a later layer. */
  readonly layer: number;
}

/** An edge between boxes by their places in the list. */
export type Edge = readonly [from: number, to: number];

/** Where boxes and edges lie. */
export interface Layout {
  /** Centre of each box. */
  readonly x: readonly number[];
  readonly width: number;
  /** For each edge the layers and centres that it passes, its ends included. */
  readonly routes: readonly (readonly { readonly layer: number; readonly x: number }[])[];
}

const gap = 16;
const bendWidth = 6;
// Edges over more layers go straight: bends for all of them would outnumber the boxes by far.
const longestBent = 40;
const orderingSweeps = 8;
const settlingSweeps = 24;

/**
 * Places boxes in layers so that edges are short and cross little (Sugiyama et al. 1981): edges over several layers get
 * a bend in each, layers are ordered by the mean place of their neighbours, and in that order every box comes as near to
 * its neighbours as the others let it.
 */
export function layeredLayout(boxes: readonly Box[], edges: readonly Edge[]): Layout {
  const items: Box[] = [...boxes];
  const above: number[][] = boxes.map(() => []);
  const below: number[][] = boxes.map(() => []);
  const connect = (from: number, to: number) => {
    below[from].push(to);
    above[to].push(from);
  };
  const routes = edges.map(([from, to]) => {
    const [first, last] = [boxes[from].layer, boxes[to].layer];
    const route = [from];
    for (let layer = first + 1; layer < last && last - first <= longestBent; layer++) {
      items.push({ width: bendWidth, layer });
      above.push([]);
      below.push([]);
      route.push(items.length - 1);
    }
    route.push(to);
    if (last - first <= longestBent) for (let i = 1; i < route.length; i++) connect(route[i - 1], route[i]);
    return route;
  });

  const rows: number[][] = Array.from(
    { length: 1 + Math.max(-1, ...items.map(({ layer }) => layer)) },
    () => [],
  );
  for (const [i, { layer }] of items.entries()) rows[layer].push(i);
  const x = new Array<number>(items.length).fill(0);
  for (const row of rows)
    pack(
      row,
      items,
      x,
      row.map(() => 0),
    );
  for (let sweep = 0; sweep < orderingSweeps + settlingSweeps; sweep++) {
    const down = sweep % 2 === 0;
    const neighbours = down ? above : below;
    for (const row of down ? rows : rows.toReversed()) {
      const middle = row.map((i) => meanOf(neighbours[i], x) ?? x[i]);
      const order = row.map((_, k) => k);
      // Later the order stays, and boxes settle between both sides.
      const settling = sweep >= orderingSweeps;
      if (!settling) order.sort((a, b) => middle[a] - middle[b] || a - b);
      const sorted = order.map((k) => row[k]);
      const wanted = settling
        ? sorted.map((i) => meanOf([...above[i], ...below[i]], x) ?? x[i])
        : order.map((k) => middle[k]);
      row.splice(0, row.length, ...sorted);
      pack(row, items, x, wanted);
    }
  }
  const left = items.reduce((least, { width }, i) => Math.min(least, x[i] - width / 2), 0);
  const right = items.reduce((most, { width }, i) => Math.max(most, x[i] + width / 2), 0);
  const placed = x.map((centre) => centre - left);
  return {
    x: placed.slice(0, boxes.length),
    width: right - left,
    routes: routes.map((route) => route.map((i) => ({ layer: items[i].layer, x: placed[i] }))),
  };
}

/**
 * Moves a row as near to the wanted places as its order and widths allow, by least squares: what would overlap is pushed
 * into one block around the mean of its wishes (pool adjacent violators).
 */
function pack(row: readonly number[], items: readonly Box[], x: number[], wanted: readonly number[]): void {
  const blocks: { sum: number; count: number }[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const [k, i] of row.entries()) {
    if (k > 0) offset += (items[row[k - 1]].width + items[i].width) / 2 + gap;
    offsets.push(offset);
    let block = { sum: wanted[k] - offset, count: 1 };
    for (
      let before = blocks.at(-1);
      before && before.sum / before.count > block.sum / block.count;
      before = blocks.at(-1)
    ) {
      block = { sum: before.sum + block.sum, count: before.count + block.count };
      blocks.pop();
    }
    blocks.push(block);
  }
  let k = 0;
  for (const { sum, count } of blocks) {
    for (const end = k + count; k < end; k++) x[row[k]] = sum / count + offsets[k];
  }
}

function meanOf(indices: readonly number[], x: readonly number[]): number | undefined {
  if (indices.length === 0) return undefined;
  return indices.reduce((sum, i) => sum + x[i], 0) / indices.length;
}
