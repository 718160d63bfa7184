// Parses queries with the language service of Azure Data Explorer, against the tables of
// Application Insights. Reads {name: query} from stdin, writes {name: [message, ..]} of errors.
//
//   node tests/azure/parse.js FOLDER_WITH_NODE_MODULES <queries.json
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const service = path.join(process.argv[2], "node_modules/@kusto/language-service-next");
for (const file of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
  vm.runInThisContext(fs.readFileSync(path.join(service, file), "utf8"), { filename: file });
}

// https://learn.microsoft.com/azure/azure-monitor/app/data-model-complete
const common =
  "timestamp: datetime, itemId: string, itemType: string, customDimensions: dynamic, " +
  "operation_Name: string, operation_Id: string, operation_ParentId: string, " +
  "cloud_RoleName: string, cloud_RoleInstance: string, appId: string, itemCount: int";
const outcome =
  "id: string, name: string, success: bool, resultCode: string, duration: real, " +
  "performanceBucket: string, customMeasurements: dynamic";
const tables = {
  requests: `(${common}, ${outcome}, source: string, url: string)`,
  dependencies: `(${common}, ${outcome}, target: string, type: string, data: string)`,
  customMetrics:
    `(${common}, name: string, value: real, valueCount: int, valueSum: real, ` +
    "valueMin: real, valueMax: real, valueStdDev: real)",
  traces: `(${common}, message: string, severityLevel: int, customMeasurements: dynamic)`,
};

const { Symbols, GlobalState, KustoCode } = globalThis.Kusto.Language;
const symbols = Object.entries(tables).map(([name, schema]) =>
  Symbols.TableSymbol.From(schema).WithName(name),
);
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor1("insights", symbols));

const errors = {};
for (const [name, query] of Object.entries(JSON.parse(fs.readFileSync(0, "utf8")))) {
  const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  errors[name] = [];
  for (let at = 0; at < found.Count; at += 1) {
    const diagnostic = found.getItem(at);
    errors[name].push(`${diagnostic.Start}: ${diagnostic.Message}`);
  }
}
process.stdout.write(JSON.stringify(errors));
