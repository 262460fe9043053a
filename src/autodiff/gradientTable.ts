import type { GradientRule } from './gradientRule.ts';
import { activationGradients } from './rules/activation.ts';
import { convolutionGradients } from './rules/convolution.ts';
import { elementwiseGradients } from './rules/elementwise.ts';
import { indexingGradients } from './rules/indexing.ts';
import { linearAlgebraGradients } from './rules/linearAlgebra.ts';
import { movementGradients } from './rules/movement.ts';
import { normalizationGradients } from './rules/normalization.ts';
import { poolingGradients } from './rules/pooling.ts';
import { recurrentGradients } from './rules/recurrent.ts';
import { reductionGradients } from './rules/reduction.ts';
import { resizingGradients } from './rules/resize.ts';

/** The gradient rule of every operator that has one, by its ONNX name. */
export const gradientTable: Readonly<Record<string, GradientRule | undefined>> = {
  ...elementwiseGradients,
  ...activationGradients,
  ...reductionGradients,
  ...linearAlgebraGradients,
  ...movementGradients,
  ...indexingGradients,
  ...normalizationGradients,
  ...convolutionGradients,
  ...poolingGradients,
  ...resizingGradients,
  ...recurrentGradients,
};
