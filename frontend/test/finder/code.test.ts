import { describe, expect, it } from "vitest";
import { rateCode } from "../../src/finder/code";

const KERAS = ["AdamW", "SGD"];

describe("code to copy", () => {
  it("sets the rate, all of it, on an optimizer of Keras", () => {
    expect(rateCode(KERAS, "AdamW", 0.0031622776601683794)).toBe(
      "keras.optimizers.AdamW(learning_rate=0.0031622776601683794)",
    );
    expect(rateCode(KERAS, "SGD", 1e-7)).toBe("keras.optimizers.SGD(learning_rate=1e-7)");
  });

  it("sets it by name where there is no such optimizer", () => {
    expect(rateCode(KERAS, "Shampoo", 0.01)).toBe("learning_rate = 0.01");
    expect(rateCode(KERAS, null, 0.01)).toBe("learning_rate = 0.01");
  });
});
