export { loadOnnx } from './loadOnnx.ts';
export { fromOthers, pytorchNames, toOthers, type WeightRule } from './renameWeights.ts';
export { readSafetensors, type Safetensors, writeSafetensors } from './safetensors.ts';
export { loadSafetensors, saveSafetensors } from './safetensorsFile.ts';
export { type SaveOnnxOptions, saveOnnx } from './saveOnnx.ts';
