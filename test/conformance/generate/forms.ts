// The forms of each feature; a program draws from those of its features.

import { accessors, classExpressions, privateNames, statics, superCalls } from "./forms/classes.ts";
import { assignedMembers, destructuredParameters, destructuringLoops, nestedDefaults, patternsOverIterators } from "./forms/destructuring.ts";
import { awaitUsings, usingFunctions, usingLoops, usings } from "./forms/disposal.ts";
import { argumentsInArrow, argumentsOf, asyncRecursion, borrowed, closuresOverStops, mutualRecursion, objectMethods, oldConstructors, recursion } from "./forms/functions.ts";
import { delegatingAsyncGenerator, delegatingGenerator, drivenGenerator, generatorMethods, queuedAsyncGenerator } from "./forms/generators.ts";
import { changedWhileIterated, doWhile, fallingSwitch, forInDeletions, heldIterator, jumpsOverFinally, perIteration, returnsOverFinally } from "./forms/jumps.ts";
import { aliases, attributes, compoundMembers, conversions, hasInstance, optionalChains, rareValues, symbolKeys, templates, throwingAccessors } from "./forms/objects.ts";
import type { Form } from "./forms/pieces.ts";
import { awaitedInOtherOrder, chained, combined, returnedPromises, sharedStrand, thenables } from "./forms/promises.ts";
import type { Feature, Scope } from "./scope.ts";

const forms: readonly (readonly [Feature, readonly Form[]])[] = [
  ["classes", [privateNames, superCalls, statics, accessors, classExpressions]],
  ["generators", [drivenGenerator, delegatingGenerator, generatorMethods]],
  ["async-generators", [queuedAsyncGenerator, delegatingAsyncGenerator]],
  ["using", [usings, awaitUsings, usingLoops, usingFunctions]],
  ["destructuring", [nestedDefaults, patternsOverIterators, assignedMembers, destructuredParameters, destructuringLoops]],
  ["functions", [argumentsOf, argumentsInArrow, recursion, asyncRecursion, mutualRecursion, oldConstructors, objectMethods, borrowed, closuresOverStops]],
  ["jumps", [jumpsOverFinally, returnsOverFinally, fallingSwitch, perIteration, doWhile, forInDeletions, changedWhileIterated]],
  ["held-iterators", [heldIterator]],
  ["objects", [throwingAccessors, conversions, symbolKeys, aliases, optionalChains, compoundMembers, hasInstance, templates, rareValues, attributes]],
  ["promises", [awaitedInOtherOrder, combined, chained, thenables, sharedStrand, returnedPromises]],
];

export function hasForms(scope: Scope): boolean {
  return forms.some(([feature]) => scope.has(feature));
}

export function form(scope: Scope): string {
  const { random } = scope;
  scope.budget -= 4;
  const [, makers] = random.pick(forms.filter(([feature]) => scope.has(feature)));
  return random.pick(makers)(scope);
}
