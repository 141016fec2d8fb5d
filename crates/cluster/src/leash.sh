# Becomes the server that "$@" says, and leaves a watcher behind that ends it when our standard input ends.
# First come the signal that ends it, how many tenths of a second it has, and the folder that goes with it.
signal=$1 tenths=$2 folder=$3
shift 3
exec 3<&0 </dev/null
# In two steps, so that the watcher is no child of the server.
( (
    trap '' HUP INT QUIT TERM
    cd /
    # A line says that the server has ended and that the one who started it sees to the rest.
    read -r _ <&3 && exit
    kill -s "$signal" $$
    while kill -s 0 $$ && [ "$tenths" -gt 0 ]; do
        sleep 0.1
        tenths=$((tenths - 1))
    done
    [ "$tenths" -gt 0 ] || kill -s KILL $$
    rm -rf -- "$folder" || { sleep 1 && rm -rf -- "$folder"; }
) >/dev/null 2>&1 & )
exec 3<&-
exec "$@"
