"""Synthetic chest films: a small 3-D thorax projected by attenuation along rays, with 13 findings and exact masks."""
