import type { OperatorRule } from './operator.ts';
import { activation } from './operators/activation.ts';
import { convolution } from './operators/convolution.ts';
import { elementwise } from './operators/elementwise.ts';
import { indexing } from './operators/indexing.ts';
import { linearAlgebra } from './operators/linearAlgebra.ts';
import { movement } from './operators/movement.ts';
import { normalization } from './operators/normalization.ts';
import { pooling } from './operators/pooling.ts';
import { recurrent } from './operators/recurrent.ts';
import { reduction } from './operators/reduction.ts';
import { resizing } from './operators/resize.ts';

/** Every operator by its ONNX name. */
export const operatorTable: Readonly<Record<string, OperatorRule | undefined>> = {
  ...elementwise,
  ...activation,
  ...reduction,
  ...linearAlgebra,
  ...movement,
  ...indexing,
  ...normalization,
  ...convolution,
  ...pooling,
  ...resizing,
  ...recurrent,
};
