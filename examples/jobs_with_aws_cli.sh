# What both examples for the AWS CLI do with jobs: wait for them, and delete. For `source`.

# Describes a resource until its job has ended: wait_until_active DESCRIBE-OPERATION --its-arn ARN
wait_until_active() {
  local status
  while true; do
    status=$(aws forecast "$@" --query Status --output text)
    case $status in
      ACTIVE) echo "ACTIVE: $3"; return ;;
      CREATE_FAILED) echo "$3: $(aws forecast "$@" --query Message --output text)" >&2; return 1 ;;
      *) sleep 0.5 ;;
    esac
  done
}

# Describes a resource until it has a status: wait_until_is STATUS DESCRIBE-OPERATION --its-arn ARN
wait_until_is() {
  local status
  while true; do
    status=$(aws forecast "${@:2}" --query Status --output text) || return 1
    case $status in
      "$1") echo "$1: $4"; return ;;
      *_FAILED) echo "$4: found $status, wanted $1" >&2; return 1 ;;
      *) sleep 0.5 ;;
    esac
  done
}

# Describes a resource until it is gone: wait_until_gone DESCRIBE-OPERATION --its-arn ARN
wait_until_gone() {
  local answer
  while answer=$(aws forecast "$@" --query Status --output text 2>&1); do
    if [ "$answer" = DELETE_FAILED ]; then echo "could not delete $3" >&2; return 1; fi
    sleep 0.5
  done
  case $answer in *ResourceNotFoundException*) ;; *) echo "$answer" >&2; return 1 ;; esac
}

# Deletes a resource and waits until it is gone: delete DELETE-OPERATION DESCRIBE-OPERATION --its-arn ARN
delete() {
  aws forecast "$1" "$3" "$4"
  wait_until_gone "$2" "$3" "$4"
}
