import { FatalError } from "../../app/src/fatal-error";

/** The part of the protobuf wire format that ONNX needs: varints, 32-bit floats and length-delimited fields. */

const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Collects the fields of one message. Large byte fields are kept by reference until `finish`. */
export class MessageWriter {
  private readonly chunks: Uint8Array[] = [];
  private byteLength = 0;

  integer(field: number, value: number | bigint): this {
    this.tag(field, wireType.varint);
    this.push(encodeVarint(BigInt(value)));
    return this;
  }

  float(field: number, value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    this.tag(field, wireType.fixed32);
    this.push(bytes);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.tag(field, wireType.bytes);
    this.push(encodeVarint(BigInt(value.byteLength)));
    this.push(value);
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, "utf8"));
  }

  message(field: number, value: MessageWriter): this {
    this.tag(field, wireType.bytes);
    this.push(encodeVarint(BigInt(value.byteLength)));
    for (const chunk of value.chunks) this.push(chunk);
    return this;
  }

  finish(): Buffer {
    return Buffer.concat(this.chunks, this.byteLength);
  }

  private tag(field: number, wire: number): void {
    this.push(encodeVarint(BigInt((field << 3) | wire)));
  }

  private push(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.byteLength += chunk.byteLength;
  }
}

/** One field as it stands on the wire: an integer for varints, the raw bytes for everything else. */
export interface Field {
  number: number;
  integer: bigint;
  bytes: Buffer;
}

const noBytes = Buffer.alloc(0);

/** Yields a message's fields in their order; unknown ones are for the caller to skip. */
export function* readFields(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    const { value, next } = decodeVarint(message, at);
    at = next;
    return value;
  };
  const take = (byteLength: number): Buffer => {
    if (at + byteLength > message.length)
      throw new FatalError("not a readable ONNX file: a protobuf field runs past the end of its message");
    at += byteLength;
    return message.subarray(at - byteLength, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    const wire = tag & 7;
    if (wire === wireType.varint) yield { number, integer: varint(), bytes: noBytes };
    else if (wire === wireType.bytes) yield { number, integer: 0n, bytes: take(Number(varint())) };
    else if (wire === wireType.fixed32) yield { number, integer: 0n, bytes: take(4) };
    else if (wire === wireType.fixed64) yield { number, integer: 0n, bytes: take(8) };
    else throw new FatalError(`not a readable ONNX file: it has protobuf wire type ${wire}`);
  }
}

/** Repeated integers arrive one a field, or packed in one; both say the same. */
export function unpackIntegers(field: Field): bigint[] {
  if (field.bytes.length === 0) return [BigInt.asIntN(64, field.integer)];
  const values: bigint[] = [];
  for (let at = 0; at < field.bytes.length; ) {
    const { value, next } = decodeVarint(field.bytes, at);
    values.push(BigInt.asIntN(64, value));
    at = next;
  }
  return values;
}

export function unpackFloats(field: Field): number[] {
  return Array.from({ length: field.bytes.length / 4 }, (_, index) => field.bytes.readFloatLE(index * 4));
}

function encodeVarint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function decodeVarint(buffer: Buffer, start: number): { value: bigint; next: number } {
  let value = 0n;
  for (let at = start, shift = 0n; at < buffer.length && shift < 70n; at++, shift += 7n) {
    const byte = buffer.readUInt8(at);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw new FatalError("not a readable ONNX file: a protobuf integer does not end");
}
