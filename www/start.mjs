// Trunk's initializer: the only place that can show a sentence before WebAssembly runs.
// Smallest module with a SIMD instruction: (module (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt)).
const simd = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

function show(sentence) {
  const place = document.getElementById("unsupported");
  place.textContent = sentence;
  place.hidden = false;
  document.body.dataset.state = "unsupported";
}

export default function initializer() {
  return {
    onStart: () => {
      if (typeof WebAssembly !== "object") {
        show("This browser has no WebAssembly, in which Eigendrift computes. Any current browser has it.");
      } else if (!WebAssembly.validate(simd)) {
        show("This browser's WebAssembly lacks SIMD instructions, which Eigendrift needs. Any current browser has them.");
      } else if (typeof Worker !== "function") {
        show("This browser has no web workers, in which Eigendrift computes. Any current browser has them.");
      }
    },
    onProgress: () => {},
    onComplete: () => {},
    onSuccess: () => {},
    onFailure: (error) => {
      if (document.body.dataset.state !== "unsupported") show(`Eigendrift could not start: ${error}`);
    },
  };
}
