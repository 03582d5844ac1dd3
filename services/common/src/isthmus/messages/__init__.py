"""One module per Avro record: frozen structs, pure."""
