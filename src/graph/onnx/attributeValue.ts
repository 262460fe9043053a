import type { AttributeKind } from '../operator.ts';
import type { AttributeValue } from '../tensor.ts';
import type { AttributeProto } from './onnxMessages.ts';
import { type ReadExternal, tensorOfMessage } from './tensorMessage.ts';

/**
 * An attribute of an ONNX node as the graph has it.
 *
 * @returns `undefined` where the graph has no such values: subgraphs, types, whole numbers beyond 2^53.
 */
export function attributeValue(
  attribute: AttributeProto,
  readExternal: ReadExternal,
): { readonly kind: AttributeKind; readonly value: AttributeValue } | undefined {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  switch (attribute.type) {
    case 1:
      return { kind: 'float', value: attribute.f };
    case 2:
      return exact([Number(attribute.i)]) && { kind: 'int', value: Number(attribute.i) };
    case 3:
      return { kind: 'string', value: text(attribute.s) };
    case 4: {
      const value = attribute.t && tensorOfMessage(attribute.t, `attribute ${attribute.name}`, readExternal);
      return value && { kind: 'tensor', value };
    }
    case 6:
      return { kind: 'floats', value: attribute.floats };
    case 7: {
      const value = attribute.ints.map(Number);
      return exact(value) && { kind: 'ints', value };
    }
    case 8:
      return { kind: 'strings', value: attribute.strings.map(text) };
    default:
      return undefined;
  }
}

function exact(values: readonly number[]): true | undefined {
  return values.every(Number.isSafeInteger) || undefined;
}
