import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

/** The part of koffi, which calls C functions, that is used. Only images with OpenVINO contain it. */
interface Koffi {
  load(file: string): { func(prototype: string): CFunction };
  struct(name: string, members: Record<string, string>): unknown;
  array(type: string, length: number, hint: "Typed"): unknown;
  decode(pointer: Address, type: unknown): unknown;
  view(pointer: Address, bytes: number): ArrayBuffer;
}
type CFunction = (...args: unknown[]) => unknown;

/** Of an object of the library. It means the same in every thread of the process. */
export type Address = bigint;

/** Where openvino/install.sh puts the libraries. */
export const usualFolder = path.join(__dirname, "..", "..", "..", "openvino", "lib");

/** The C library of OpenVINO in a folder; its name ends with a version. Undefined when the folder has none. */
export function libraryFile(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const name = readdirSync(folder).find((each) => each.startsWith("libopenvino_c.so"));
  return name && path.join(folder, name);
}

const structs = {
  ov_dimension: { min: "int64_t", max: "int64_t" },
  ov_partial_shape: { rank: "ov_dimension", dims: "ov_dimension *" },
  ov_shape: { rank: "int64_t", dims: "int64_t *" },
  ov_property: { key: "str", value: "str" },
};

/** From the headers of release 2026.4, the first with ov_core_compile_model_props. All but the last return a status. */
const prototypes = [
  "int ov_core_create(_Out_ void **core)",
  "int ov_core_read_model(void *core, str path, str weights, _Out_ void **model)",
  "int ov_model_inputs_size(void *model, _Out_ size_t *count)",
  "int ov_model_const_input_by_index(void *model, size_t index, _Out_ void **port)",
  "int ov_port_get_any_name(void *port, _Out_ str *name)",
  "int ov_port_get_partial_shape(void *port, _Out_ ov_partial_shape *shape)",
  "int ov_model_reshape_single_input(void *model, ov_partial_shape shape)",
  "int ov_core_compile_model_props(void *core, void *model, str device, size_t count, ov_property *properties, _Out_ void **compiled)",
  "int ov_compiled_model_create_infer_request(void *compiled, _Out_ void **request)",
  "int ov_tensor_create(int type, ov_shape shape, _Out_ void **tensor)",
  "int ov_tensor_create_from_host_ptr(int type, ov_shape shape, void *data, _Out_ void **tensor)",
  "int ov_tensor_get_element_type(void *tensor, _Out_ int *type)",
  "int ov_tensor_get_size(void *tensor, _Out_ size_t *size)",
  "int ov_tensor_data(void *tensor, _Out_ void **data)",
  "int ov_infer_request_set_input_tensor(void *request, void *tensor)",
  "int ov_infer_request_infer(void *request)",
  "int ov_infer_request_get_output_tensor_by_index(void *request, size_t index, _Out_ void **tensor)",
  "int ov_infer_request_get_tensor(void *request, str name, _Out_ void **tensor)",
  "int ov_core_get_property(void *core, str device, str key, _Out_ str *value)",
  "void ov_core_free(void *core)",
  "void ov_model_free(void *model)",
  "void ov_output_const_port_free(void *port)",
  "void ov_tensor_free(void *tensor)",
  "str ov_get_last_err_msg()",
] as const;

type NameOf<Prototype> = Prototype extends `${"int" | "void" | "str"} ov_${infer Name}(${string})` ? Name : never;
type Name = NameOf<(typeof prototypes)[number]>;

/** Calls of OpenVINO's C library. Each blocks its thread. A failed one throws the library's own message. */
export class OpenvinoLibrary {
  private static readonly opened = new Map<string, OpenvinoLibrary>();
  private readonly koffi = require("koffi") as Koffi;
  private readonly functions = new Map<string, CFunction>();
  /** koffi keeps every type that it makes. */
  private readonly arrays = new Map<string, unknown>();

  /** koffi takes each struct once in a thread. */
  static open(file: string): OpenvinoLibrary {
    const library = OpenvinoLibrary.opened.get(file) ?? new OpenvinoLibrary(file);
    OpenvinoLibrary.opened.set(file, library);
    return library;
  }

  private constructor(file: string) {
    for (const [name, members] of Object.entries(structs)) this.koffi.struct(name, members);
    const library = this.koffi.load(file);
    for (const prototype of prototypes) {
      const [, name = ""] = /ov_(\w+)\(/.exec(prototype) ?? [];
      this.functions.set(name, library.func(prototype));
    }
  }

  call(name: Name, ...args: unknown[]): void {
    const status = this.functions.get(name)?.(...args);
    if (typeof status === "number" && status !== 0) throw new Error(this.lastError() || `${name} returned ${status}`);
  }

  /** Calls a function whose last parameter is for its result. */
  get<Result = Address>(name: Name, ...args: unknown[]): Result {
    const result: [Result | null] = [null];
    this.call(name, ...args, result);
    return result[0] as Result;
  }

  /** A view of memory that belongs to the library. */
  floats(address: Address, length: number): Float32Array {
    return new Float32Array(this.koffi.view(address, length * Float32Array.BYTES_PER_ELEMENT));
  }

  decode<Value>(address: Address, type: string): Value {
    return this.koffi.decode(address, type) as Value;
  }

  /** A copy of memory that belongs to the library. */
  copy<Numbers>(address: Address, type: string, length: number): Numbers {
    const key = `${type}[${length}]`;
    const array = this.arrays.get(key) ?? this.koffi.array(type, length, "Typed");
    this.arrays.set(key, array);
    return this.koffi.decode(address, array) as Numbers;
  }

  private lastError(): string {
    return String(this.functions.get("get_last_err_msg")?.() ?? "");
  }
}
