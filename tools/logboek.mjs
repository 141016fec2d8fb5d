// Reads what a collector of OTLP got, with a library that is not ours: protobuf on standard input, JSON on standard output.
//
//     node logboek.mjs <node_modules>
//
// The messages of several requests may stand behind each other: together they are one message with all their spans.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

const require = createRequire(join(process.argv[2], 'logboek.mjs'));
const generated = join(process.argv[2], '@opentelemetry/otlp-transformer/build/src/generated/root.js');
const { opentelemetry } = require(generated);
const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;

const request = ExportTraceServiceRequest.decode(await buffer(process.stdin));
const hex = (bytes) => Buffer.from(bytes ?? []).toString('hex');
const attributes = (list) => Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue]));
const spans = request.resourceSpans.flatMap(({ resource, scopeSpans }) =>
  scopeSpans.flatMap(({ spans }) =>
    spans.map((span) => ({
      resource: attributes(resource.attributes),
      trace_id: hex(span.traceId),
      span_id: hex(span.spanId),
      parent_span_id: hex(span.parentSpanId),
      name: span.name,
      kind: span.kind,
      start_time: span.startTimeUnixNano.toString(),
      end_time: span.endTimeUnixNano.toString(),
      status: span.status.code,
      attributes: attributes(span.attributes),
    })),
  ),
);
console.log(JSON.stringify(spans));
