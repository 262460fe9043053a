import { tensorData } from '../../graph/dataType.ts';
import { graphOf } from '../../graph/graph.ts';
import { readOnnx } from '../../graph/onnx/readOnnx.ts';
import { writeOnnx } from '../../graph/onnx/writeOnnx.ts';
import { relu } from '../../graph/operators/activation.ts';
import { mul, neg } from '../../graph/operators/elementwise.ts';
import { gemm } from '../../graph/operators/linearAlgebra.ts';
import { logSoftmax } from '../../graph/operators/normalization.ts';
import { reduceMean, reduceSum } from '../../graph/operators/reduction.ts';
import { input, parameter } from '../../graph/tensor.ts';
import { adam } from '../../optim/optimizers.ts';
import { createTrainingStep } from '../../train/trainingStep.ts';
import type { Backend } from '../backend.ts';
import { compile } from '../compile.ts';
import { webBackend } from '../webBackend.ts';

/** What training gave, as plain data that crosses from a page. */
export interface BrowserTraining {
  readonly losses: number[];
  /** The trained model's answers, from its bytes read again. */
  readonly answers: number[];
}

/** Trains a classifier of points by their quadrant: the same in Node and in a page. */
export async function trainQuadrants(backend: Backend, steps = 60): Promise<BrowserTraining> {
  // Angles by the golden ratio: spread evenly, without chance.
  const points = Array.from({ length: 32 }, (_, i) => {
    const angle = 2 * Math.PI * ((i * 0.6180339887) % 1);
    return [Math.cos(angle), Math.sin(angle)];
  });
  const classes = points.map(([a, b]) => (a > 0 ? 0 : 1) + (b > 0 ? 0 : 2));
  const target = tensorData(
    'float32',
    classes.flatMap((one) => [0, 1, 2, 3].map((k) => Number(k === one))),
    [32, 4],
  );
  const start = (size: number) => Array.from({ length: size }, (_, i) => Math.sin(i + 1) / 2);
  const parameters = {
    first: parameter('first', tensorData('float32', start(32), [2, 16])),
    firstBias: parameter('firstBias', tensorData('float32', start(16))),
    second: parameter('second', tensorData('float32', start(64), [16, 4])),
    secondBias: parameter('secondBias', tensorData('float32', start(4))),
  };
  const x = input('x', 'float32', ['batch', 2]);
  const wanted = input('target', 'float32', ['batch', 4]);
  const hidden = relu(gemm(x, parameters.first, parameters.firstBias));
  const logits = gemm(hidden, parameters.second, parameters.secondBias);
  const loss = neg(reduceMean(reduceSum(mul(wanted, logSoftmax(logits)), { axes: [1] })));

  const step = await createTrainingStep(loss, parameters, adam({ learningRate: 0.05 }), { backend });
  const feeds = { x: tensorData('float32', points.flat(), [32, 2]), target };
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) losses.push((await step.run(feeds)).loss);
  const bytes = writeOnnx(graphOf({ logits }), { values: step.parameters() });
  await step.release();

  const program = await compile(readOnnx(bytes), { backend, fixedParameters: true });
  const results = await program.run({ x: feeds.x });
  await program.release();
  return { losses, answers: Array.from(results.logits.data as Float32Array) };
}

/** For pages, which hand in their own import of onnxruntime-web. */
export function trainInPage(ort: Parameters<typeof webBackend>[0]): Promise<BrowserTraining> {
  return trainQuadrants(webBackend(ort));
}
