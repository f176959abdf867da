"""Getting what a study is built from over a network: resumed, checked, unpacked safely, its licence recorded."""
