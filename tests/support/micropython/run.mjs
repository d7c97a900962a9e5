// Runs the reference unit under MicroPython: node run.mjs LINE_FD FOLDER ADDRESS
// With an address it is desktop.py; with `board` it is main.py on the board that machine.py beside this file plays.
// LINE_FD is the inherited end of a pty; the typed lines come from stdin; both must be non-blocking.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const [lineFd, folder, address] = [Number(process.argv[2]), process.argv[3], process.argv[4]];
const pause = new Int32Array(new SharedArrayBuffer(4));
const buffer = Buffer.alloc(4096);
const started = Date.now();
let typing = "";
let ended = false;

// What is there; "" where there is nothing now or the line is unplugged, null at the end.
function available(fd) {
  try {
    const length = fs.readSync(fd, buffer, 0, buffer.length, null);
    return length ? buffer.toString("latin1", 0, length) : null;
  } catch (error) {
    if (["EAGAIN", "EIO"].includes(error.code)) return "";
    throw error;
  }
}

const host = {
  now: () => Date.now() - started,
  sleep: (ms) => void Atomics.wait(pause, 0, 0, ms),
  read: () => (available(lineFd) ?? "").replace(/[^\x00-\x7f]/g, "?"),
  write: (text) => {
    try {
      fs.writeSync(lineFd, text, null, "latin1");
    } catch (error) {
      if (!["EAGAIN", "EIO"].includes(error.code)) throw error;
    }
  },
  typed: () => {
    const more = available(0);
    if (more === null) ended = true;
    else typing += more;
    const at = typing.indexOf("\n");
    if (at < 0) return ended ? null : "";
    const line = typing.slice(0, at);
    typing = typing.slice(at + 1);
    return line;
  },
  show: (text) => void fs.writeSync(1, text + "\n"),
};

const micropython = await loadMicroPython({ heapsize: 256 * 1024, stdout: (text) => console.error(text) });
const sources = ["foleni_unit.py", "segments.py", "desktop.py", "main.py"].map((name) => path.join(folder, name));
for (const source of [...sources, path.join(here, "machine.py")]) {
  micropython.FS.writeFile("/" + path.basename(source), fs.readFileSync(source, "utf8"));
}
micropython.registerJsModule("host", host);
try {
  micropython.runPython(`
import host, sys
host.show("%s %s" % (sys.implementation.name, ".".join(str(part) for part in sys.implementation.version[:3])))
if "${address}" == "board":
    import main
    main.main()
else:
    import desktop
    desktop.run(host, int("${address}"))
`);
} catch (error) {
  if (error.type !== "SystemExit") {
    console.error(error.message); // the stack would quote the whole interpreter
    process.exitCode = 1;
  }
}
