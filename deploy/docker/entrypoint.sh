#!/bin/sh
# What stands behind the image's name in `docker run`, as the images of the reference registry take it: a configuration
# that is to be served, a program of the image, or words for the registry.
set -e
case "$1" in
  *.yml | *.yaml) exec registry serve "$@" ;;
  registry | stowage | sh | bash | /*) exec "$@" ;;
  *) exec registry "$@" ;;
esac
