// An object that is there already gets the private fields of a class: its constructor gives that object to the derived
// class, which adds them.

export class Given {
  constructor(given: object) {
    // oxlint-disable-next-line no-constructor-return
    return given;
  }
}
