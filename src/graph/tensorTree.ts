import type { Tensor } from './tensor.ts';

/** Tensors by name, nested as deep as one likes: the parameters of a model. */
export type TensorTree = Tensor | readonly TensorTree[] | { readonly [name: string]: TensorTree };

/** Leaves with their paths, dots between the names: `encoder.0.weight`. */
export function leavesOf(tree: TensorTree, path = ''): [path: string, leaf: Tensor][] {
  if (isTensor(tree)) return [[path, tree]];
  return Object.entries(tree).flatMap(([name, branch]) =>
    leavesOf(branch as TensorTree, path === '' ? name : `${path}.${name}`),
  );
}

/** The tree with each leaf replaced. */
export function mapTree<Form extends TensorTree>(
  tree: Form,
  change: (leaf: Tensor, path: string) => Tensor,
): Form {
  const replace = (branch: TensorTree, path: string): TensorTree => {
    if (isTensor(branch)) return change(branch, path);
    const below = (name: string | number) => (path === '' ? String(name) : `${path}.${name}`);
    if (Array.isArray(branch)) return branch.map((one: TensorTree, i) => replace(one, below(i)));
    const named = Object.entries(branch).map(([name, one]) => [
      name,
      replace(one as TensorTree, below(name)),
    ]);
    return Object.fromEntries(named);
  };
  return replace(tree, '') as Form;
}

function isTensor(tree: TensorTree): tree is Tensor {
  return 'node' in tree && 'dtype' in tree && 'outputs' in (tree as Tensor).node;
}
