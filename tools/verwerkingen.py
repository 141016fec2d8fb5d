"""Reads linked data (JSON-LD) from standard input, holds it against verwerkingen.ttl, and prints how much of each class there is."""

import json
import pathlib
import sys
from collections import Counter

from pyshacl import validate
from rdflib import RDF, SH, Graph

data = Graph().parse(data=sys.stdin.read(), format="json-ld")
shapes = Graph().parse(pathlib.Path(__file__).with_suffix(".ttl"))
conforms, report, why = validate(data, shacl_graph=shapes, advanced=False, allow_warnings=True)
if not conforms:
    sys.exit(why)
classes = Counter(data.namespace_manager.curie(kind) for kind in data.objects(None, RDF.type))
warnings = sorted(str(message) for message in report.objects(None, SH.resultMessage))
print(json.dumps({"classes": classes, "triples": len(data), "warnings": warnings}))
