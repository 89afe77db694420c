// Shell completion: a script for the shell, which asks `deflow complete -- <words>` for what may come next, a line each: `name<tab>description`.

import type { Command, Option } from "commander";

export const shells = ["bash", "zsh", "fish"] as const;

/** Where nothing is told the shell completes names of files. zsh runs a file of its `fpath` as the function, at its first use. */
export function completionScript(shell: (typeof shells)[number]): string {
  switch (shell) {
    case "bash": return `_deflow() {
  local IFS=$'\\n'
  COMPREPLY=($(deflow complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -F _deflow deflow
`;
    case "zsh": return `#compdef deflow
_deflow() {
  local -a found
  found=("\${(@f)$(deflow complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null | sed -e 's/:/\\\\:/g' -e $'s/\\t$//' -e $'s/\\t/:/')}")
  if [[ -n "$found" ]]; then _describe deflow found; else _files; fi
}
if [[ "$funcstack[1]" == _deflow ]]; then _deflow "$@"; else compdef _deflow deflow; fi
`;
    case "fish": return `function __deflow_complete
  set -l found (deflow complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)
  if test -n "$found"; printf '%s\\n' $found; else; __fish_complete_path (commandline -ct); end
end
complete -c deflow -f -a '(__deflow_complete)'
`;
  }
}

/** `words`: those after \`deflow\`; the last one is being typed. */
export function completions(program: Command, words: readonly string[]): string[] {
  const typed = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const visible = program.createHelp().visibleCommands(program);
  const command = visible.find((each) => each.name() === before[0]);
  const found = before.length === 0 ? visible.map((each) => [each.name(), each.description()] as const) : command === undefined ? [] : after(command, before.slice(1), typed);
  return found.filter(([name]) => name.startsWith(typed)).map(([name, description]) => `${name}\t${description.replaceAll(/\s+/g, " ")}`);
}

function after(command: Command, before: readonly string[], typed: string): (readonly [name: string, description: string])[] {
  const options = command.createHelp().visibleOptions(command);
  const named = (word: string | undefined): Option | undefined => options.find(({ long, short }) => word !== undefined && (word === long || word === short));
  const last = before.findLastIndex((word) => word.startsWith("-"));
  const option = named(before[last]);
  const isOpen = option !== undefined && option.isBoolean() === false && (option.variadic || last === before.length - 1);
  if (isOpen && !typed.startsWith("-")) return (option.argChoices ?? []).map((choice) => [choice, ""]);
  if (typed.startsWith("-")) return options.filter(({ long, variadic }) => long !== undefined && (variadic || !before.includes(long))).map(({ long, description }) => [long as string, description]);
  return command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices.map((choice) => [choice, ""] as const));
}
