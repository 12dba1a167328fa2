"""Clients as tables (H6): reading CSV and XLSX files, what their columns mean, and cards as rows."""
