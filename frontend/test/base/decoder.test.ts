import { describe, expect, it } from "vitest";
import { answer, column, count, list, nullable, object, record, text } from "../../src/base/decoder";

describe("an object", () => {
  const person = object({ fullName: text, children: list(object({ yearOfBirth: nullable(count) })) });

  it("has the fields that are named, spelled as here, and no others", () => {
    const sent = { full_name: "Ada", children: [{ year_of_birth: 1836, is_extra: true }, { year_of_birth: null }] };
    expect(person(sent, "person")).toEqual({
      fullName: "Ada",
      children: [{ yearOfBirth: 1836 }, { yearOfBirth: null }],
    });
  });

  it("says where something is wrong in the spelling of the wire", () => {
    const sent = { full_name: "Ada", children: [{ year_of_birth: null }, { year_of_birth: -1 }] };
    expect(() => person(sent, "person")).toThrow("person.children[1].year_of_birth must be a whole number from 0");
    expect(() => person({ children: [] }, "person")).toThrow("person.full_name must be text. Received: undefined");
    expect(() => person([], "person")).toThrow("person must be an object. Received: [].");
  });
});

it("leaves the name of a whole answer out of the paths below it", () => {
  const decode = answer("people", { names: list(text) });
  expect(() => decode(null)).toThrow("people must be an object");
  expect(() => decode({ names: [1] })).toThrow(" names[0] must be text");
});

it("takes records of any names, each field by the same rule", () => {
  expect(record(count)({ a_b: 1, cD: 2 }, "counts")).toEqual({ a_b: 1, cD: 2 });
  expect(() => record(count)({ a_b: "1" }, "counts")).toThrow("counts.a_b must be a whole number");
});

it("reads columns with NaN for what is not finite", () => {
  expect(column([1, null], "values")).toEqual(Float64Array.of(1, Number.NaN));
  expect(() => column([1, "2"], "values")).toThrow("values[1] must be a number");
});
