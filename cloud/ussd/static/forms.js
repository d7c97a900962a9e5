// What each gateway would send for a key press, and how its answer is read. Beside the server's gateways.py.

const CODE = "384";

/** `1042` of `*384*1042#`; null where another service was dialled. */
export function dialled(text) {
  const found = new RegExp(`^\\*${CODE}(?:\\*([0-9*]+))?#$`).exec(text.trim());
  return found === null ? null : (found[1] ?? "");
}

/** The request of a dialogue `{session, phone, dialled, typed: [text…], starts, ends}`; null where nothing is sent. */
export function request(kind, talk) {
  const body = BODIES[kind](talk);
  if (body === null) return null;
  const isForm = body instanceof URLSearchParams;
  return {
    url: `/ussd/inbound/simulator-${kind}`,
    type: isForm ? "application/x-www-form-urlencoded" : "application/json",
    body: isForm ? body.toString() : JSON.stringify(body),
  };
}

/** `{text, ends}` of an answer's body. */
export function answer(kind, body) {
  return ANSWERS[kind](body);
}

const last = (talk) => talk.typed.at(-1) ?? "";

const BODIES = {
  africastalking: (talk) => talk.ends ? null : new URLSearchParams({
    sessionId: talk.session, phoneNumber: talk.phone, networkCode: "99999", serviceCode: `*${CODE}#`,
    text: [dialled(talk.dialled), ...talk.typed].filter((part) => part !== "").join("*"),
  }),
  hubtel: (talk) => ({
    Type: talk.ends ? "Release" : talk.starts ? "Initiation" : "Response", Message: talk.starts ? talk.dialled : last(talk),
    ServiceCode: CODE, Operator: "mtn", ClientState: talk.session, Mobile: talk.phone.replace("+", ""),
    SessionId: talk.session, Sequence: talk.typed.length + 1, Platform: "USSD",
  }),
  nalo: (talk) => talk.ends ? null : {
    USERID: "FOLENI", MSISDN: talk.phone.replace("+", ""), USERDATA: talk.starts ? talk.dialled : last(talk),
    MSGTYPE: talk.starts, NETWORK: "MTN", SESSIONID: talk.session,
  },
  arkesel: (talk) => talk.ends ? null : {
    sessionID: talk.session, userID: "FOLENI", newSession: talk.starts, msisdn: talk.phone.replace("+", ""),
    userData: talk.starts ? talk.dialled : last(talk), network: "MTN",
  },
};

const ANSWERS = {
  africastalking: (body) => ({ text: body.slice(4), ends: body.startsWith("END") }),
  hubtel: (body) => read(body, (got) => ({ text: got.Message, ends: got.Type === "release" })),
  nalo: (body) => read(body, (got) => ({ text: got.MSG, ends: !got.MSGTYPE })),
  arkesel: (body) => read(body, (got) => ({ text: got.message, ends: !got.continueSession })),
};

function read(body, form) {
  return form(JSON.parse(body));
}
