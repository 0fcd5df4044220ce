"""The papers of a shipment: ship labels and tax invoices, drawn with codes that scan."""
