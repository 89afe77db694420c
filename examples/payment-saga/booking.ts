// A trip: a seat, a room, and then the payment. What was booked is given back when a later part fails, the last first.

import { compensate, deflow, FatalError, run, step } from "deflow";

export interface Trip {
  readonly from: string;
  readonly to: string;
  readonly card: string;
}

/** The services of others. */
export interface Services {
  book(what: string, key: string): Promise<string>;
  release(booking: string, key: string): Promise<void>;
  charge(card: string, amount: number, key: string): Promise<string>;
}

export const world: { services: Services } = {
  services: { book: async () => "", release: async () => {}, charge: async () => "" },
};

const quickly = { attempts: 10, delay: "1 second", jitter: false } as const;
const slowly = { attempts: 3, delay: "10 seconds", backoff: "constant", jitter: false } as const;

export const book = deflow(async function book({ from, to, card }: Trip) {
  const reserve = async (what: string): Promise<string> => {
    const booking = await step("reserve", ({ key }) => world.services.book(what, key), { retry: 3 });
    // Of a run that fails or is cancelled from here on; tried until it is done.
    compensate(() => step("release", ({ key }) => world.services.release(booking, key), { retry: quickly }));
    return booking;
  };

  run.progress("booking");
  const seat = await reserve(`seat ${from}-${to}`);
  const room = await reserve(`room in ${to}`);
  run.progress("paying");
  const receipt = await step("charge", ({ key }) => world.services.charge(card, 420, key), { retry: slowly });
  return { seat, room, receipt };
});

/** The bank's last word: not to be tried again. */
export function declined(card: string): FatalError {
  return new FatalError(`the card ${card} was declined`);
}
