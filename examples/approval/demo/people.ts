// What the people in the office do, and what must come of it. Nobody here knows how the flow is built: `outcome` is what a
// person would expect from the rules in words: a manager decides within two days or is reminded, twice at most; above
// 1,000 EUR finance decides too; what was approved is paid a day later; then every receipt is filed.

export interface Day {
  readonly daysAhead: number;
  readonly commands: readonly string[];
}

export const days = {
  claims: {
    daysAhead: 0,
    commands: [
      "manager E-1001 yes", "manager E-1002 yes", "manager E-1003 yes", "manager E-1005 yes needed for the build farm", "manager E-1007 yes",
      "manager E-1008 yes", "manager E-1010 yes", "manager E-1011 yes", "manager E-1012 no gifts end at 50 EUR",
    ],
  },
  reminders: {
    daysAhead: 2,
    commands: [
      "manager E-1004 yes", "manager E-1006 no", "manager E-1009 yes", "manager E-1015 yes", "manager E-1016 yes",
      "finance E-1002 yes", "finance E-1005 yes", "finance E-1011 no second class will do",
    ],
  },
  payments: {
    daysAhead: 4,
    commands: ["upload E-1005 dock.pdf", "upload E-1008 lunch.jpg", "manager E-1013 yes", "finance E-1016 yes"],
  },
  end: { daysAhead: 7, commands: ["upload E-1015 breakfast.jpg"] },
} satisfies Record<string, Day>;

/** The payment that the bank does not answer on the day of the reminders. */
export const stuck = "E-1007";

export interface Expected {
  readonly status: "paid" | "refused" | "expired";
  readonly reminders: number;
}

const paid = (reminders = 0): Expected => ({ status: "paid", reminders });
const refused = (reminders = 0): Expected => ({ status: "refused", reminders });

export const outcomes: Readonly<Record<string, Expected>> = {
  "E-1001": paid(), "E-1002": paid(), "E-1003": paid(), "E-1004": paid(1),
  "E-1005": paid(), "E-1006": refused(1), "E-1007": paid(), "E-1008": paid(),
  "E-1009": paid(1), "E-1010": paid(), "E-1011": refused(), "E-1012": refused(),
  "E-1013": paid(2), "E-1014": { status: "expired", reminders: 2 }, "E-1015": paid(1), "E-1016": paid(1),
};
