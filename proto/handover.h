#ifndef BROOD_PROTO_HANDOVER_H
#define BROOD_PROTO_HANDOVER_H

/*
 * handover - tell ThreadSanitizer that libzmq orders what it hands over.
 *
 * libzmq passes a buffer to the other thread by atomic operations that the
 * sanitizer, which sees this project's code only, knows nothing of.
 */

#if defined(__SANITIZE_THREAD__)
#define HANDOVER_TOLD 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HANDOVER_TOLD 1
#endif
#endif

#ifdef HANDOVER_TOLD
#include <sanitizer/tsan_interface.h>
#define HANDOVER_GIVE(data) __tsan_release(data)
#define HANDOVER_TAKE(data) __tsan_acquire(data)
#else
#define HANDOVER_GIVE(data) ((void)(data))
#define HANDOVER_TAKE(data) ((void)(data))
#endif

#endif /* BROOD_PROTO_HANDOVER_H */
