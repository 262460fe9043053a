export { type DataType, numbersOf, type TensorArray, type TensorData, tensorData } from './dataType.ts';
export type { Dimension, Shape } from './dimension.ts';
export { drawGraph } from './drawGraph.ts';
export { formatGraph } from './formatGraph.ts';
export { type Graph, graphOf, type ModelDetails, parametersOf } from './graph.ts';
export { type ReadOnnxOptions, readOnnx } from './onnx/readOnnx.ts';
export type { ReadExternal } from './onnx/tensorMessage.ts';
export { type WriteOnnxOptions, writeOnnx } from './onnx/writeOnnx.ts';
export type { TensorLike } from './operator.ts';
export {
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softplus,
  tanh,
} from './operators/activation.ts';
export {
  type ConvOptions,
  type ConvTransposeOptions,
  conv,
  convTranspose,
} from './operators/convolution.ts';
export {
  abs,
  add,
  and,
  cast,
  ceil,
  clip,
  cos,
  div,
  equal,
  erf,
  exp,
  floor,
  greater,
  greaterOrEqual,
  identity,
  isNan,
  less,
  lessOrEqual,
  log,
  max,
  min,
  mul,
  neg,
  not,
  or,
  pow,
  reciprocal,
  round,
  sign,
  sin,
  sqrt,
  sub,
  sum,
  where,
} from './operators/elementwise.ts';
export {
  gather,
  gatherElements,
  gatherNd,
  oneHot,
  type ScatterReduction,
  scatterElements,
  scatterNd,
  topK,
} from './operators/indexing.ts';
export { einsum, gemm, matMul } from './operators/linearAlgebra.ts';
export {
  concat,
  expand,
  flatten,
  full,
  type PadMode,
  pad,
  reshape,
  shapeOf,
  slice,
  split,
  squeeze,
  tile,
  transpose,
  unsqueeze,
} from './operators/movement.ts';
export {
  type BatchStatistics,
  batchNormalization,
  batchNormalizationTraining,
  layerNormalization,
  logSoftmax,
  softmax,
} from './operators/normalization.ts';
export {
  averagePool,
  globalAveragePool,
  globalMaxPool,
  lpPool,
  maxPool,
  maxPoolWithIndices,
  type PoolOptions,
} from './operators/pooling.ts';
export {
  gru,
  lstm,
  type RecurrentOptions,
  type RecurrentResult,
  type RecurrentWeights,
  reverseSequence,
} from './operators/recurrent.ts';
export {
  argMax,
  cumSum,
  type ReduceOptions,
  reduceL1,
  reduceL2,
  reduceLogSum,
  reduceLogSumExp,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceProd,
  reduceSum,
  reduceSumSquare,
} from './operators/reduction.ts';
export { depthToSpace, type ResizeOptions, resize, spaceToDepth } from './operators/resize.ts';
export type { WindowOptions } from './operators/slidingWindow.ts';
export { simplify } from './simplify.ts';
export {
  type Attributes,
  type AttributeValue,
  type CustomRule,
  constant,
  formatType,
  input,
  isInput,
  type Node,
  parameter,
  type Tensor,
  type TensorType,
} from './tensor.ts';
export { leavesOf, mapTree, type TensorTree } from './tensorTree.ts';
