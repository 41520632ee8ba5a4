/* Preloaded: a name server that is not there. */
#include <netdb.h>
#include <unistd.h>

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret) {
    (void)node;
    (void)service;
    (void)hints;
    (void)ret;
    sleep(20);
    return EAI_AGAIN;
}
