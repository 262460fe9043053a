import { dataError } from '../../core/errors.ts';
import { capturedNames } from './editMessages.ts';
import type { NodeInOpsets } from './inlineFunctions.ts';
import type { NodeProto } from './onnxMessages.ts';

/**
 * Nodes so that each comes after those that give what it takes; in the file's order as far as possible.
 *
 * @param known Names that are there before any node runs.
 * @throws TrainyardError of kind `data` for nodes in a circle, names given twice, and names that nothing gives.
 */
export function nodesInOrder(nodes: readonly NodeInOpsets[], known: ReadonlySet<string>): NodeInOpsets[] {
  const makers = new Map<string, NodeInOpsets>();
  for (const one of nodes) {
    for (const name of one.node.output) {
      if (name === '') continue;
      const other = makers.get(name);
      if (other || known.has(name)) {
        throw dataError(
          `${name} is given twice: by ${nodeLabel(one.node)} and by ${other ? nodeLabel(other.node) : 'an input or initializer'}`,
        );
      }
      makers.set(name, one);
    }
  }
  const ordered: NodeInOpsets[] = [];
  const state = new Map<NodeInOpsets, 'open' | 'done'>();
  for (const root of nodes) {
    if (state.has(root)) continue;
    const stack = [{ one: root, needs: needsOf(root.node), next: 0 }];
    state.set(root, 'open');
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      if (top.next === top.needs.length) {
        state.set(top.one, 'done');
        ordered.push(top.one);
        stack.pop();
        continue;
      }
      const name = top.needs[top.next++];
      if (known.has(name)) continue;
      const maker = makers.get(name);
      if (!maker) throw dataError(`${nodeLabel(top.one.node)} takes ${name}, which nothing gives`);
      if (state.get(maker) === 'open') {
        throw dataError(`${nodeLabel(top.one.node)} takes ${name}, which comes from itself in a circle`);
      }
      if (state.has(maker)) continue;
      state.set(maker, 'open');
      stack.push({ one: maker, needs: needsOf(maker.node), next: 0 });
    }
  }
  return ordered;
}

/** `node conv1 (Conv)`; nodes without a name go by their first output. */
export function nodeLabel({ name, output, opType }: NodeProto): string {
  return `node ${name || output.find((one) => one !== '') || '(unnamed)'} (${opType})`;
}

function needsOf(node: NodeProto): string[] {
  return [...node.input.filter((name) => name !== ''), ...capturedNames(node)];
}
