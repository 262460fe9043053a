import { clone, create } from '@bufbuild/protobuf';
import { dataError } from '../../core/errors.ts';
import { changed, mapGraphs, renamedNode } from './editMessages.ts';
import {
  type AttributeProto,
  type FunctionProto,
  type ModelProto,
  type NodeProto,
  NodeProtoSchema,
} from './onnxMessages.ts';

/** Versions of operator sets by domain; the standard domain is ''. */
export type Opsets = Readonly<Record<string, number>>;

/** A node, and the operator sets it is written in. */
export interface NodeInOpsets {
  readonly node: NodeProto;
  readonly opsets: Opsets;
}

// More nodes than any model has: functions that call functions can multiply without end.
const mostNodes = 2_000_000;

/**
 * The nodes of a model with calls of its own functions replaced by what the functions do, subgraphs included.
 *
 * @param fresh Makes a name that is not used yet.
 * @throws TrainyardError of kind `data` for functions that call themselves.
 */
export function inlineFunctions(
  model: ModelProto,
  opsets: Opsets,
  fresh: (stem: string) => string,
): NodeInOpsets[] {
  const functions = new Map(model.functions.map((one) => [keyOf(one.domain, one.name, one.overload), one]));
  let count = 0;

  return (model.graph?.node ?? []).flatMap((node) => expand(node, opsets, []));

  function expand(node: NodeProto, own: Opsets, callers: readonly FunctionProto[]): NodeInOpsets[] {
    if (++count > mostNodes) throw dataError(`the functions of the file make more than ${mostNodes} nodes`);
    const called = functions.get(keyOf(node.domain, node.opType, node.overload));
    if (!called) {
      const inside = changed(node, {
        attribute: node.attribute.map((attribute) =>
          mapGraphs(attribute, (graph) =>
            changed(graph, {
              node: graph.node.flatMap((one) => expand(one, own, callers).map((inner) => inner.node)),
            }),
          ),
        ),
      });
      return [{ node: inside, opsets: own }];
    }
    if (callers.includes(called)) throw dataError(`function ${called.domain}::${called.name} calls itself`);
    const inner = { ...own, ...opsetsOf(called.opsetImport) };
    return bodyOf(called, node, fresh).flatMap((one) => expand(one, inner, [...callers, called]));
  }
}

/** Versions by domain, the standard domain under its short name. */
export function opsetsOf(imports: ModelProto['opsetImport']): Record<string, number> {
  return Object.fromEntries(
    imports.map(({ domain, version }) => [domain === 'ai.onnx' ? '' : domain, Number(version)]),
  );
}

function keyOf(domain: string, name: string, overload: string): string {
  return [domain === 'ai.onnx' ? '' : domain, name, overload].join('::');
}

/** The nodes of a function as one call means them: on the call's tensors, with the call's attributes. */
function bodyOf(called: FunctionProto, call: NodeProto, fresh: (stem: string) => string): NodeProto[] {
  const names = new Map(called.input.map((name, i) => [name, call.input[i] ?? '']));
  const copies: NodeProto[] = [];
  for (const [i, name] of called.output.entries()) {
    const target = call.output[i] ?? '';
    if (target === '') continue;
    if (names.has(name)) {
      // An input handed through, or one result under two names.
      const input = [names.get(name) ?? ''];
      copies.push(create(NodeProtoSchema, { opType: 'Identity', name: target, input, output: [target] }));
    } else names.set(name, target);
  }
  const prefix = call.name || call.opType;
  const rename = (name: string): string => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const made = fresh(`${prefix}/${name}`);
    names.set(name, made);
    return made;
  };
  const given = new Map(
    [...called.attributeProto, ...call.attribute].map((attribute) => [attribute.name, attribute]),
  );
  const nodes = called.node.map((node) => {
    const own = renamedNode(withAttributes(clone(NodeProtoSchema, node), given), rename);
    return changed(own, { name: `${prefix}/${node.name || node.opType}` });
  });
  return [...nodes, ...copies];
}

function withAttributes(node: NodeProto, given: ReadonlyMap<string, AttributeProto>): NodeProto {
  const attribute = node.attribute.flatMap((one) => {
    if (one.refAttrName !== '') {
      const value = given.get(one.refAttrName);
      return value ? [changed(value, { name: one.name })] : [];
    }
    return [
      mapGraphs(one, (graph) =>
        changed(graph, { node: graph.node.map((inner) => withAttributes(inner, given)) }),
      ),
    ];
  });
  return changed(node, { attribute });
}
