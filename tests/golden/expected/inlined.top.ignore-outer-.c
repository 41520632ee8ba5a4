File: shop
Type: cpu
Time: 2023-11-14 22:13:20 UTC
Duration: 10s, Total samples = 170ns (1.7e-06%)
Active filters:
   ignore=outer\.c
Showing nodes accounting for 50ns, 29.41% of 170ns total
      flat  flat%   sum%        cum   cum%
      30ns 17.65% 17.65%       30ns 17.65%  leaf
      20ns 11.76% 29.41%       20ns 11.76%  recurse
         0     0% 29.41%       50ns 29.41%  main
