export { customGradient, stopGradient } from './customGradient.ts';
export { gradient, valueAndGradient, vectorJacobianProduct } from './gradient.ts';
export { rematerialise } from './rematerialise.ts';
