// Convolutions and pooling with their gradients, beside PyTorch on the CPU, call by call in turns. Prints the tables of
// bench/README.md.
//
//   node --import ./scripts/registerTypeScript.mjs bench/engineConv.ts [PYTHON]
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { gradient } from '../src/autodiff/gradient.ts';
import { randomStream } from '../src/core/random.ts';
import { dataTypes, sizeOf, type TensorArray, type TensorData, tensorData } from '../src/graph/dataType.ts';
import { graphOf } from '../src/graph/graph.ts';
import { conv } from '../src/graph/operators/convolution.ts';
import { mul } from '../src/graph/operators/elementwise.ts';
import { averagePool, maxPool } from '../src/graph/operators/pooling.ts';
import { reduceSum } from '../src/graph/operators/reduction.ts';
import { input, type Tensor } from '../src/graph/tensor.ts';
import { compile } from '../src/runtime/compile.ts';

interface Case {
  readonly operator: 'conv' | 'maxPool' | 'averagePool';
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly groups: number;
}

const threads = 2;
const rounds = 15;
const random = randomStream(1, 'bench engineConv');

const convolutions: Case[] = [
  dense(64, 64, 56, 3),
  dense(64, 128, 56, 3, 2),
  dense(256, 256, 14, 3),
  dense(512, 512, 7, 3),
  dense(256, 64, 56, 1),
  dense(512, 2048, 7, 1),
  dense(3, 64, 112, 7, 2),
  { ...dense(128, 128, 28, 3), groups: 32 },
];
const depthwise = [
  ...[3, 5, 7].flatMap((kernel) => [
    { ...dense(44, 44, 28, kernel), groups: 44 },
    { ...dense(88, 88, 14, kernel), groups: 88 },
    { ...dense(168, 168, 7, kernel), groups: 168 },
  ]),
  { ...dense(88, 88, 28, 5, 2), groups: 88 },
  { ...dense(32, 32, 112, 3), groups: 32 },
];
const pools: Case[] = [
  { ...dense(64, 64, 112, 3, 2), operator: 'maxPool' },
  { ...dense(64, 64, 56, 2, 2), operator: 'maxPool' },
  { ...dense(44, 44, 28, 3), operator: 'averagePool' },
  { ...dense(64, 64, 56, 2, 2), operator: 'averagePool' },
];

const peer = startPeer(process.argv[2] ?? 'python3');
console.log(
  `Batches of 8, float32, ${threads} threads; best of ${rounds} calls in turns; ms, and time over PyTorch's.\n`,
);
await printTable('convolution', ['forward', 'input', 'weight'], [...convolutions, ...depthwise]);
await printTable('pooling', ['forward', 'forward and input'], pools);
console.log(`\nnode ${process.versions.node}, ${await peer.ask({ versions: true })}`);
peer.stop();

async function printTable(title: string, kinds: readonly string[], cases: readonly Case[]): Promise<void> {
  console.log(`| ${title} | ${kinds.map((kind) => `${kind}, ms | PyTorch | ratio`).join(' | ')} |`);
  console.log(`|---|${'---|'.repeat(3 * kinds.length)}`);
  for (const one of cases) {
    const cells: string[] = [];
    for (const kind of kinds) {
      const [ours, theirs] = await measure(one, kind);
      cells.push(ours.toFixed(2), theirs.toFixed(2), (ours / theirs).toFixed(2));
    }
    console.log(`| ${nameOf(one)} | ${cells.join(' | ')} |`);
  }
  console.log();
}

async function measure(one: Case, kind: string): Promise<[ours: number, theirs: number]> {
  const { batch, channels, outputs, size, kernel, groups } = one;
  const x = input('x', 'float32', [batch, channels, size, size]);
  const weight = input('weight', 'float32', [outputs, channels / groups, kernel, kernel]);
  const y = forward(one, x, weight);
  const cotangent = input('cotangent', 'float32', y.shape);
  const loss = reduceSum(mul(y, cotangent));
  const wanted: Record<string, () => Record<string, Tensor>> = {
    forward: () => ({ y }),
    input: () => ({ slope: gradient(loss, x) }),
    weight: () => ({ slope: gradient(loss, weight) }),
    'forward and input': () => ({ y, slope: gradient(loss, x) }),
  };
  const graph = graphOf(wanted[kind]());
  const program = await compile(graph, { threads });
  const feeds: Record<string, TensorData> = Object.fromEntries(
    graph.inputs.map(({ node, shape }) => [node.name ?? '', randomData(shape as number[])]),
  );
  const into: Record<string, TensorArray> = Object.fromEntries(
    [...graph.outputs].map(([name, { dtype, shape }]) => [
      name,
      dataTypes[dtype].create(sizeOf(shape as number[])),
    ]),
  );
  await peer.ask({ case: one, kind, threads });
  let [ours, theirs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = -2; round < rounds; round++) {
    // Threads of the one side that still wait for work would slow down the other.
    await sleep(15);
    const started = performance.now();
    await program.run(feeds, into);
    const taken = performance.now() - started;
    await sleep(15);
    const answer = Number(await peer.ask({ run: true }));
    if (round >= 0) [ours, theirs] = [Math.min(ours, taken), Math.min(theirs, answer)];
  }
  await program.release();
  return [ours, theirs];
}

function forward({ operator, kernel, stride, groups }: Case, x: Tensor, weight: Tensor): Tensor {
  const pads = padsOf(kernel);
  if (operator === 'conv') return conv(x, weight, undefined, { strides: stride, pads, groups });
  const pool = operator === 'maxPool' ? maxPool : averagePool;
  return pool(x, kernel, { strides: stride, pads });
}

function padsOf(kernel: number): number {
  return kernel % 2 === 0 ? 0 : (kernel - 1) / 2;
}

function randomData(shape: readonly number[]): TensorData {
  return tensorData(
    'float32',
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );
}

function dense(channels: number, outputs: number, size: number, kernel: number, stride = 1): Case {
  return { operator: 'conv', batch: 8, channels, outputs, size, kernel, stride, groups: 1 };
}

function nameOf({ operator, channels, outputs, size, kernel, stride, groups }: Case): string {
  const window = `${kernel}x${kernel}${stride > 1 ? `, stride ${stride}` : ''}`;
  if (operator !== 'conv') return `${operator} ${window}, ${channels} at ${size}x${size}`;
  if (groups === channels) return `depthwise ${window}, ${channels} at ${size}x${size}`;
  return `${window}, ${channels} to ${outputs} at ${size}x${size}${groups > 1 ? `, ${groups} groups` : ''}`;
}

/** PyTorch in a process of its own, which answers line by line. */
function startPeer(python: string) {
  const child = spawn(python, [join(import.meta.dirname, 'engineConv.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(question: object): Promise<string> {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${python} with torch does not run here`);
      return value;
    },
    stop: () => child.stdin.end(),
  };
}
