/** Where tables take their arrays from: the heap of one thread, or a buffer that several threads see. All zero at first. */
export interface Arrays {
  float64(length: number): Float64Array
  float32(length: number): Float32Array
  uint32(length: number): Uint32Array
}

export const ownArrays: Arrays = {
  float64: (length) => new Float64Array(length),
  float32: (length) => new Float32Array(length),
  uint32: (length) => new Uint32Array(length),
}

/** One array after the other from a shared buffer: whoever asks in the same order gets the same places. */
export function sharedArrays(buffer: SharedArrayBuffer): Arrays {
  let used = 0
  const take = (bytes: number): number => {
    const at = used
    used = (used + bytes + 7) & ~7
    return at
  }
  return {
    float64: (length) => new Float64Array(buffer, take(length * 8), length),
    float32: (length) => new Float32Array(buffer, take(length * 4), length),
    uint32: (length) => new Uint32Array(buffer, take(length * 4), length),
  }
}
