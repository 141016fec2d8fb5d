"""Reads linked data (JSON-LD) from standard input, holds it against verwerkingen.ttl, and prints how much of each class there is."""

import json
import pathlib
import sys
from collections import Counter

from pyshacl import validate
from rdflib import RDF, Graph

data = Graph().parse(data=sys.stdin.read(), format="json-ld")
shapes = Graph().parse(pathlib.Path(__file__).with_suffix(".ttl"))
conforms, _, why = validate(data, shacl_graph=shapes, advanced=False)
if not conforms:
    sys.exit(why)
classes = Counter(data.namespace_manager.curie(kind) for kind in data.objects(None, RDF.type))
print(json.dumps({"classes": classes, "triples": len(data)}))
