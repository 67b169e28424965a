// Sends one event with the JavaScript SDK in each mode, and keeps the Kafka messages that it makes.
// This SDK writes header values as they are, without percent-encoding: its subject is plain ASCII.
import { readFileSync, writeFileSync } from "node:fs";
import { CloudEvent, HTTP, Kafka, Mode, emitterFor, httpTransport } from "cloudevents";

const [address, recorded] = process.argv.slice(2);
const given = JSON.parse(readFileSync("../event.json", "utf8"));
const { data, extension, subject_vi, ...attributes } = given;
const event = new CloudEvent({ ...attributes, datacontenttype: "application/json", faculty: extension, partitionkey: "k", data });

for (const [name, mode] of [["binary", Mode.BINARY], ["structured", Mode.STRUCTURED]]) {
  const emit = emitterFor(httpTransport(`${address}/javascript-${name}`), { binding: HTTP, mode });
  await emit(event);
}
for (const [name, made] of [["binary", Kafka.binary(event)], ["structured", Kafka.structured(event)]]) {
  const value = Buffer.isBuffer(made.value) ? made.value : Buffer.from(typeof made.value === "string" ? made.value : JSON.stringify(made.value));
  // a header without a value goes out as null, as kafkajs writes it
  const encoded = (text) => (text == null ? null : Buffer.from(String(text)).toString("base64"));
  const headers = Object.entries(made.headers).map(([key, text]) => [key, encoded(text)]);
  const key = made.key == null ? null : Buffer.from(String(made.key)).toString("base64");
  const record = { headers, key, value: value.toString("base64") };
  writeFileSync(`${recorded}/javascript-${name}.kafka.json`, JSON.stringify(record, null, 2) + "\n");
}
