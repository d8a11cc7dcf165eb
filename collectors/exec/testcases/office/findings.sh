echo '{"plimsoll":"findings/v1","scope":"office"}'
echo '{"asset":{"id":"host:office/'"$1"'","kind":"host","name":"'"$1"'","facts":{"os":"FreeBSD 14.1"}}}'
echo 'this is not shown' >&2
echo '{"scope":{"complete":true}}'
