"""Work beside the pages: background tasks with their progress, and looks at the ERP."""
