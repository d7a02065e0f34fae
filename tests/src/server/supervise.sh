# Keeps a new directory, and a server in it, for the process that holds the other end of standard
# input: when that process is gone, however it went, so are the server and the directory.
#
# One command a line, each answered by one line:
#
#   run WORD…      runs a program to its end; answers with its status
#   serve WORD…    starts the server; answers with its process id
#   end SIGNAL     ends the server, if it runs; answers when it is gone
#
# Words are quoted as the shell reads them. What the programs print is in the file `log`; the file
# `exited` is there when the server is not running.
set -u
last_signal=$1

# A handler, not '': signals that are ignored here would be ignored by the server too.
trap : HUP INT TERM PIPE

# A database is hundreds of small files, which memory makes ten times as fast as a disk does: if
# there is enough of it. Containers often have 64 MB. And not `$TMPDIR`: a socket's path is short.
place=/tmp
free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
[ "${free:-0}" -lt 2000000 ] || place=/dev/shm
# What is measured is measured on a disk.
place=${SERVERS_IN:-$place}
home=$(mktemp -d "$place/migrate-tests.XXXXXX") || exit
cd "$home" || exit
exec 2>>log
mkfifo started
guard=

end() {
    [ -n "$guard" ] || return 0
    # Once it has exited, its process id may be another's.
    [ -e exited ] || kill -s "$1" "$server"
    wait "$guard"
    guard=
}

echo "$home"
while IFS= read -r line; do
    eval "set -- $line"
    command=$1
    shift
    case $command in
    run)
        "$@" </dev/null >>log 2>&1
        echo $?
        ;;
    serve)
        rm -f exited
        {
            sh -c 'echo $$ >started && exec "$@"' sh "$@" >>log 2>&1
            echo $? >exited
        } &
        guard=$!
        read -r server <started
        echo "$server"
        ;;
    end)
        end "$1"
        echo ended
        ;;
    esac
done

end "$last_signal"
cd /
rm -rf "$home"
