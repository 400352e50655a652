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

  it("keeps the momentum that the name of the optimizer tells", () => {
    expect(rateCode(KERAS, "SGD, momentum 0.9", 0.01)).toBe("keras.optimizers.SGD(learning_rate=0.01, momentum=0.9)");
    expect(rateCode(KERAS, "SGD, momentum 9.5e-5", 0.01)).toBe(
      "keras.optimizers.SGD(learning_rate=0.01, momentum=9.5e-5)",
    );
  });

  it.each([
    "SGD, momentum",
    "SGD, momentum 0.9 (d_optimizer)",
    "SGD, momentum 0.9 and AdamW",
    "SGD, momentum 09",
    "SGD, momentum exit()",
    "SGD, momentum 0.9\n",
    "Shampoo, momentum 0.9",
    "AdamW (d_optimizer)",
  ])("sets the rate alone where the name tells more than a class and a momentum: %j", (optimizer) => {
    expect(rateCode(KERAS, optimizer, 0.01)).toBe("learning_rate = 0.01");
  });

  it("sets it by name where there is no such optimizer", () => {
    expect(rateCode(KERAS, "Shampoo", 0.01)).toBe("learning_rate = 0.01");
    expect(rateCode(KERAS, null, 0.01)).toBe("learning_rate = 0.01");
  });
});
