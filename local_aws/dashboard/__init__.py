"""The dashboard of template.yaml as one page: QuickSight's own definition, asked of Athena and drawn."""
