/* roots: where distributions keep them. */
#include "daemon/base/roots.h"

#include "daemon/base/attr.h"

#include <stddef.h>
#include <unistd.h>

/* The first is Debian's. */
static const char *const files[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/cert.pem",
};

const char *roots_file(void)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		if (access(files[i], R_OK) == 0)
			return files[i];
	}
	return files[0];
}
