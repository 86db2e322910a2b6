/*
 * What a static program leaves out of libzmq: pgm, norm and gssapi.
 *
 * Debian's libzmq.a refers to three libraries for multicast and Kerberos that
 * have no complete static form. A channel uses inproc, ipc or tcp alone, so
 * nothing here is ever called, but for pgm_init and pgm_shutdown, which every
 * context calls. Name look-up is left out too: glibc's loads shared libraries
 * at run time, which a static program must not depend on.
 *
 * The symbols are declared here because their headers are not needed to
 * build brood; types do not matter to the linker.
 */

#include <netdb.h>
#include <stddef.h>
#include <stdlib.h>

/* clang-format off */
#define ABSENT_FUNCTIONS(X) \
    X(pgm_bind3) X(pgm_close) X(pgm_connect) X(pgm_error_free) X(pgm_free) \
    X(pgm_freeaddrinfo) X(pgm_getaddrinfo) X(pgm_getsockopt) \
    X(pgm_gsi_create_from_data) X(pgm_recvmsgv) X(pgm_send) \
    X(pgm_setsockopt) X(pgm_socket) \
    X(NormCreateInstance) X(NormCreateSession) X(NormDestroyInstance) \
    X(NormDestroySession) X(NormGetDescriptor) X(NormGetNextEvent) \
    X(NormGetRandomSessionId) X(NormIsUnicastAddress) X(NormNodeDelete) \
    X(NormObjectGetType) X(NormObjectGetUserData) \
    X(NormObjectSetUserData) X(NormSetCongestionControl) \
    X(NormSetDefaultSyncPolicy) X(NormSetDefaultUnicastNack) \
    X(NormSetLoopback) X(NormSetMulticastInterface) X(NormSetRxPortReuse) \
    X(NormSetTTL) X(NormStartReceiver) X(NormStartSender) \
    X(NormStopInstance) X(NormStopReceiver) X(NormStopSender) \
    X(NormStreamFlush) X(NormStreamOpen) X(NormStreamRead) \
    X(NormStreamSeekMsgStart) X(NormStreamWrite) \
    X(gss_accept_sec_context) X(gss_acquire_cred) \
    X(gss_delete_sec_context) X(gss_display_name) X(gss_import_name) \
    X(gss_init_sec_context) X(gss_release_buffer) X(gss_release_cred) \
    X(gss_release_name) X(gss_unwrap) X(gss_wrap)

#define ABSENT_OBJECTS(X) \
    X(GSS_C_NT_HOSTBASED_SERVICE) X(GSS_C_NT_USER_NAME) \
    X(NORM_INSTANCE_INVALID) X(NORM_NODE_ANY) X(NORM_OBJECT_INVALID) \
    X(NORM_SESSION_INVALID)
/* clang-format on */

#define DEFINE_FUNCTION(name)  \
    _Noreturn void name(void); \
    _Noreturn void name(void)  \
    {                          \
        abort();               \
    }
#define DEFINE_OBJECT(name) \
    extern void *(name);    \
    void *(name);

ABSENT_FUNCTIONS(DEFINE_FUNCTION)
ABSENT_OBJECTS(DEFINE_OBJECT)

int pgm_init(void *error);
int pgm_shutdown(void);

int pgm_init(void *error)
{
    (void)error;
    return 1;
}

int pgm_shutdown(void)
{
    return 1;
}

int getaddrinfo(const char *name,
                const char *service,
                const struct addrinfo *req,
                struct addrinfo **pai)
{
    (void)name;
    (void)service;
    (void)req;
    (void)pai;
    return EAI_FAIL;
}

void freeaddrinfo(struct addrinfo *ai)
{
    (void)ai;
}
