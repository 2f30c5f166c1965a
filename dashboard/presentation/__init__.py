"""How values look: texts, tables, charts and colours. Pure: data in, frame, figure or text out."""
